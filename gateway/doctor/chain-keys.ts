import { formatEther, type LocalAccount } from 'viem';
import { readChainKey } from '../../chains/publisher/chain-key.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import { openSigner, type Signer } from '../attestations/signer.ts';
import type { GatewayConfig } from '../config/env.ts';
import type { NetworkConfig } from '../config/network.ts';
import { attesterAuthority, publisherAuthority } from '../publishing/authority.ts';
import { type Finding, findingsOf } from './finding.ts';

const { ok, warning, failed } = findingsOf('chain keys');

type KeyConfig = Pick<GatewayConfig, 'chainKey' | 'attester'>;

/** The key itself, or what is wrong with it. @throws what is no refusal of ours */
function readKey<T>(read: () => T): T | Finding {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BreakwaterError)) throw error;
    const action = 'give 32 bytes in hex, in the variable or in the file that it names; docs/chains.md';
    return failed('key', error.message, action);
  }
}

const isFinding = (value: unknown): value is Finding =>
  typeof value === 'object' && value !== null && 'verdict' in value;

/**
 * The keys that act on chain: present, well-formed, paid for, and known to the contracts. Shows addresses, never keys.
 * `account` and `signer` stand in for those of the configuration. Never throws for what a chain does.
 */
export async function checkChainKeys(
  config: KeyConfig,
  network: Pick<NetworkConfig, 'chains' | 'publishing'>,
  own: { readonly account?: LocalAccount | null; readonly signer?: Signer | null } = {},
): Promise<readonly Finding[]> {
  return [
    ...(await publisherKey(config, network, own.account)),
    ...(await attesterKey(config, network, own.signer)),
  ];
}

async function publisherKey(
  { chainKey }: KeyConfig,
  network: Pick<NetworkConfig, 'chains' | 'publishing'>,
  own: LocalAccount | null | undefined,
): Promise<readonly Finding[]> {
  const { publishing } = network;
  if (publishing === null) return [];
  const account = own ?? readKey(() => readChainKey(chainKey));
  if (isFinding(account)) return [account];
  if (account === null) {
    const action = 'set CHAIN_KEY or CHAIN_KEY_FILE, or remove `publishing` from the network file';
    return [warning('CHAIN_KEY', 'is not set: parameters are not published', action)];
  }
  const { address } = account;
  const found = (await publisherAuthority(network, address))!;
  const subject = `publisher on ${found.chain}`;
  if (found.authorised === null) {
    return [warning(subject, found.detail, 'see the findings about its RPC endpoints')];
  }
  const findings = [
    found.authorised
      ? ok(subject, found.detail)
      : failed(
          subject,
          found.detail,
          `let the owner of RiskHub call setGateway(${address}), or use the key of that address`,
        ),
  ];
  const balance = found.balanceWei ?? 0n;
  const detail = `${address} holds ${formatEther(balance)}`;
  const fund = `send native tokens to ${address} on ${found.chain}`;
  if (balance === 0n)
    return [...findings, failed(`balance on ${found.chain}`, `${detail}: it cannot pay for anything`, fund)];
  if (balance < BigInt(publishing.maxFeeWei)) {
    const short = `${detail}, less than the ${formatEther(BigInt(publishing.maxFeeWei))} that one publication may cost`;
    return [...findings, warning(`balance on ${found.chain}`, short, fund)];
  }
  return [...findings, ok(`balance on ${found.chain}`, detail)];
}

async function attesterKey(
  { attester }: KeyConfig,
  { chains }: Pick<NetworkConfig, 'chains'>,
  own: Signer | null | undefined,
): Promise<readonly Finding[]> {
  const targets = chains.filter(({ risk }) => risk?.verifier);
  const signer = own ?? readKey(() => openSigner(attester ?? { key: null, keyFile: null }));
  if (isFinding(signer)) return [signer];
  if (signer === null || targets.length === 0) return [];
  const { address } = signer;
  return Promise.all(
    targets.map(async (definition) => {
      const found = await attesterAuthority(definition, definition.risk!.verifier!, address);
      const subject = `attester on ${definition.id}`;
      if (found.authorised === true) return ok(subject, found.detail);
      const effect = `${found.detail}: nothing is attested for it`;
      return found.authorised === null
        ? warning(subject, effect, 'see the findings about its RPC endpoints')
        : failed(subject, effect, `let the owner of the verifier call setSigner(${address}, true)`);
    }),
  );
}
