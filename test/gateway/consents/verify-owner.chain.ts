import { type Hex, hashTypedData } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createChainReader } from '../../../chains/clients/chain-reader.ts';
import type { ChainReader } from '../../../chains/clients/ports.ts';
import { findAnvil } from '../../../chains/devnet/anvil/find-anvil.ts';
import { type DevnetNode, startNode } from '../../../chains/devnet/node.ts';
import { DEVNET_PROFILES } from '../../../chains/devnet/profiles.ts';
import { chainSchema } from '../../../chains/registry/chain.ts';
import { ConsentRefusedError } from '../../../db/queries/consent-errors.ts';
import { consentTypedData } from '../../../gateway/consents/consent-types.ts';
import { verifyOwner } from '../../../gateway/consents/verify-owner.ts';
import { consentDocument, OWNER } from '../support/consents.ts';
import { CONSENT_DOMAIN } from '../support/tenancy.ts';

const START = 1_760_000_000;
const WALLET = `0x${'0e'.repeat(20)}` as const;
const SIGNATURE = `0x${'ab'.repeat(97)}` as const;

let node: DevnetNode;
let reader: ChainReader;
beforeAll(async () => {
  const profile = DEVNET_PROFILES[0]!;
  node = await startNode(findAnvil(), profile, START - 1000);
  await node.rpc.call('evm_mine', { timestamp: START });
  const definition = chainSchema.parse({
    ...{ id: 'hub', name: 'hub', chainId: CONSENT_DOMAIN.chainId, rpcUrls: [node.url] },
    ...{ blockTimeSeconds: 12, maxHeadAgeSeconds: 120 },
  });
  reader = createChainReader(definition, {
    clock: { nowMs: () => START * 1000 },
    ...{ requestTimeoutMs: 30_000, headGraceMs: 30_000 },
  });
});
afterAll(() => node?.process.kill());

const typedData = (owner: string) =>
  consentTypedData(CONSENT_DOMAIN, consentDocument('a/x', 'b/y', { owner }));

/** Code of a wallet that takes any signature over one hash: isValidSignature(hash, ...) == 0x1626ba7e. */
const walletFor = (hash: Hex): Hex => `0x7f${hash.slice(2)}60043514631626ba7e60e01b0260005260206000f3`;

describe('verifyOwner', () => {
  test('takes the signature of a contract wallet that takes it (ERC-1271), for this document only', async () => {
    const mine = typedData(WALLET);
    await node.rpc.call('anvil_setCode', WALLET, walletFor(hashTypedData(mine)));
    await expect(verifyOwner(mine, WALLET, SIGNATURE, reader)).resolves.toBeUndefined();
    await expect(verifyOwner(typedData(WALLET), WALLET, SIGNATURE, reader)).rejects.toBeInstanceOf(
      ConsentRefusedError,
    );
  });

  test('refuses for an address without code, and without a chain to ask', async () => {
    const nobody = `0x${'0f'.repeat(20)}`;
    for (const asked of [reader, null]) {
      await expect(verifyOwner(typedData(nobody), nobody, SIGNATURE, asked)).rejects.toBeInstanceOf(
        ConsentRefusedError,
      );
    }
  });

  test('asks no chain about a plain wallet that signed, and names who did when another one signed', async () => {
    const silent: ChainReader = { ...reader, pin: () => Promise.reject(new Error('asked')) };
    const data = typedData(OWNER.address.toLowerCase());
    const signature = await OWNER.signTypedData(data);
    await expect(verifyOwner(data, OWNER.address.toLowerCase(), signature, silent)).resolves.toBeUndefined();
    const other = privateKeyToAccount(`0x${'0d'.repeat(32)}`);
    await expect(
      verifyOwner(data, OWNER.address.toLowerCase(), await other.signTypedData(data), null),
    ).rejects.toThrow(other.address.toLowerCase());
  });
});
