import { recover } from 'tiny-secp256k1';
import {
  type Address,
  bytesToHex,
  concatHex,
  getAddress,
  type Hex,
  hexToBytes,
  keccak256,
  type LocalAccount,
  maxUint256,
  numberToHex,
  pad,
  sliceHex,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attestationVerifierAbi, riskSubjectAbi } from '../../../chains/contracts/abi.ts';
import { riskArtifact } from '../../../chains/contracts/artifact.ts';
import {
  type Attestation,
  attestationDigest,
  encodeAttestationData,
  signAttestation,
} from '../../../chains/contracts/attestation.ts';
import { nameToBytes32 } from '../../../chains/contracts/market-address.ts';
import { builtArtifact } from '../../../chains/devnet/artifacts.ts';
import { attesterAccount, devnetKey, gatewayAccount } from '../../../chains/devnet/keys.ts';
import { START } from '../support/local-chains.ts';
import { owned, type RiskDevnet, read, refusal, sendAs, startRiskDevnet, WAD } from '../support/messaging.ts';
import { spelledOutDigest } from '../support/typed-data-by-hand.ts';

let devnet: RiskDevnet;
beforeAll(async () => {
  devnet = await startRiskDevnet(['hub', 'l2']);
});
afterAll(() => devnet?.stop());

const consumer = privateKeyToAccount(devnetKey('consumer'));
const stranger = privateKeyToAccount(devnetKey('stranger'));
const account = nameToBytes32('alice');
const verifierOf = (index: number) => devnet.all[index]!.risk.verifier;
let nextNonce = 1n;

function margin(change: Partial<Attestation> = {}): Attestation {
  nextNonce += 1n;
  return {
    chainId: 31337n,
    verifier: verifierOf(0),
    consumer: consumer.address,
    account,
    kind: 'margin',
    data: encodeAttestationData.margin({
      equity: -5n * WAD,
      initialMargin: 10n * WAD,
      maintenanceMargin: 6n * WAD,
      netInitial: -15n * WAD,
      netMaintenance: -11n * WAD,
      status: 2,
      sequence: 7n,
      parametersHash: pad('0xabcd'),
    }),
    asOf: BigInt(START - 5),
    validFrom: BigInt(START),
    validUntil: BigInt(START + 30),
    nonce: nextNonce,
    ...change,
  };
}

const verifyCall = (
  attestation: Attestation,
  signature: Hex,
  name = 'verify',
  from: Address = stranger.address,
) => ({
  from,
  to: verifierOf(0),
  abi: attestationVerifierAbi,
  functionName: name,
  args: [attestation, signature],
});
const verify = (attestation: Attestation, signature: Hex) =>
  read(devnet.hub.chain, verifierOf(0), attestationVerifierAbi, 'verify', [attestation, signature]);
const refused = (attestation: Attestation, signature: Hex, name?: string, from?: Address) =>
  refusal(devnet.hub.chain, verifyCall(attestation, signature, name, from));
const signed = async (change: Partial<Attestation> = {}, signer: LocalAccount = attesterAccount()) => {
  const attestation = margin(change);
  return [attestation, await signAttestation(signer, attestation)] as const;
};

describe('an attestation', () => {
  it('is accepted by the verifier, read by anybody, and names its signer', async () => {
    const [attestation, signature] = await signed();
    expect(await verify(attestation, signature)).toBe(attesterAccount().address);
    expect(await verify(attestation, signature)).toBe(attesterAccount().address);
  });

  it('has the same digest in TypeScript, in Solidity and spelled out word by word, and the same signer by libsecp256k1', async () => {
    const [attestation, signature] = await signed({ kind: 'price', data: '0x0102', account: pad('0x00') });
    const digest = spelledOutDigest(attestation);
    expect(attestationDigest(attestation)).toBe(digest);
    expect(
      await read(devnet.hub.chain, verifierOf(0), attestationVerifierAbi, 'digestOf', [attestation]),
    ).toBe(digest);
    const bytes = hexToBytes(signature);
    const key = recover(hexToBytes(digest), bytes.slice(0, 64), (bytes[64]! - 27) as 0 | 1, false)!;
    const address = sliceHex(keccak256(bytesToHex(key.slice(1))), 12);
    expect(getAddress(address)).toBe(attesterAccount().address);
  });

  it('is refused when any digit of it is changed', async () => {
    const [attestation, signature] = await signed();
    const changes: Partial<Attestation>[] = [
      { consumer: stranger.address },
      { account: nameToBytes32('alicf') },
      { kind: 'price' },
      { data: attestation.data.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')) as Hex },
      { asOf: attestation.asOf + 1n },
      { validFrom: attestation.validFrom - 1n },
      { validUntil: attestation.validUntil + 1n },
      { nonce: attestation.nonce + 10_000n },
    ];
    for (const change of changes) {
      const [error, args] = await refused({ ...attestation, ...change }, signature);
      expect([Object.keys(change)[0], error]).toEqual([Object.keys(change)[0], 'UnknownSigner']);
      expect(args[0]).not.toBe(attesterAccount().address);
    }
    const flipped = signature.replace(/^0x(.)/, (_, digit) => `0x${digit === 'f' ? 'e' : 'f'}`) as Hex;
    expect((await refused(attestation, flipped))[0]).toMatch(/UnknownSigner|InvalidSignature/);
  });

  it('holds from its first second to its last, both included', async () => {
    const now = BigInt(START);
    expect(await verify(...(await signed({ validFrom: now, validUntil: now })))).toBe(
      attesterAccount().address,
    );
    expect(await refused(...(await signed({ validFrom: now + 1n })))).toEqual(['NotYetValid', [now + 1n]]);
    expect(await refused(...(await signed({ validUntil: now - 1n })))).toEqual(['Expired', [now - 1n]]);
  });

  it('is for one chain and one verifier', async () => {
    const [attestation, signature] = await signed();
    const { chain } = devnet.others[0]!;
    const there = (given: Attestation, bytes: Hex) =>
      refusal(chain, { ...verifyCall(given, bytes), to: verifierOf(1) });
    expect(await there(attestation, signature)).toEqual(['WrongChain', [31337n, 31338n]]);
    expect(await there(...(await signed({ chainId: 31338n })))).toEqual(['WrongVerifier', [verifierOf(0)]]);
    // The names in the struct alone do not help: the domain is that of the chain and contract too.
    const moved = { ...attestation, chainId: 31338n, verifier: verifierOf(1) };
    expect((await there(moved, signature))[0]).toBe('UnknownSigner');
    const own = margin({ chainId: 31338n, verifier: verifierOf(1) });
    const ownSigned = await signAttestation(attesterAccount(), own);
    expect(await read(chain, verifierOf(1), attestationVerifierAbi, 'verify', [own, ownSigned])).toBe(
      attesterAccount().address,
    );
  });

  it('is consumed by the named consumer, once', async () => {
    const [attestation, signature] = await signed();
    expect(await refused(attestation, signature, 'consume', stranger.address)).toEqual([
      'NotConsumer',
      [stranger.address, consumer.address],
    ]);
    const receipt = await sendAs(devnet.hub.chain, consumer, verifyCall(attestation, signature, 'consume'));
    expect(receipt.status).toBe('success');
    const reused = ['NonceConsumed', [consumer.address, attestation.nonce]];
    expect(await refused(attestation, signature, 'consume', consumer.address)).toEqual(reused);
    expect(await refused(attestation, signature)).toEqual(reused);
    expect(await refused(...(await signed({ nonce: attestation.nonce })))).toEqual(reused);
    // The nonces of another consumer are its own.
    const other = await signed({ nonce: attestation.nonce, consumer: stranger.address });
    expect(await verify(...other)).toBe(attesterAccount().address);
  });

  it('is refused from a signer that is unknown, or no longer trusted', async () => {
    const [attestation, signature] = await signed({}, gatewayAccount());
    expect(await refused(attestation, signature)).toEqual(['UnknownSigner', [gatewayAccount().address]]);
    const { chain, risk } = devnet.hub;
    const trust = (trusted: boolean) =>
      owned(chain, risk.owner, risk.verifier, attestationVerifierAbi, 'setSigner', [
        gatewayAccount().address,
        trusted,
      ]);
    await trust(true);
    expect(await verify(attestation, signature)).toBe(gatewayAccount().address);
    await trust(false);
    expect((await refused(attestation, signature))[0]).toBe('UnknownSigner');
  });

  it.each([
    ['too short', (signature: Hex) => signature.slice(0, -2) as Hex],
    ['too long', (signature: Hex) => `${signature}00` as Hex],
    ['with another v', (signature: Hex) => `${signature.slice(0, -2)}02` as Hex],
    ['of zeros', () => `0x${'00'.repeat(65)}` as Hex],
    ['malleable', malleable],
  ])('is refused with a signature %s', async (_, change) => {
    const [attestation, signature] = await signed();
    expect(await refused(attestation, change(signature))).toEqual(['InvalidSignature', []]);
  });
});

describe('a venue that asks for the gateway’s word', () => {
  it('pays out what the attestation allows for the present book, and nothing else', async () => {
    const { chain, risk } = devnet.hub;
    const venue = riskArtifact('ExampleVenue').abi;
    const token = builtArtifact('DevnetToken').abi;
    const { quoteToken } = chain.pools.BTC!;
    const usdc = nameToBytes32('USDC');
    await owned(chain, risk.owner, risk.venue, venue, 'open', [account, consumer.address]);
    // The account that swaps in the pools has tokens.
    const rich = (await accountsOf(chain.definition.rpcUrls[0]!))[5]!;
    await owned(chain, rich, quoteToken, token, 'approve', [risk.venue, maxUint256]);
    await owned(chain, rich, risk.venue, venue, 'deposit', [account, usdc, 1_000_000_000n]);
    const book = () => read(chain, risk.venue, riskSubjectAbi, 'positionsOf', [account]);
    expect(await book()).toEqual({
      sequence: 2n,
      cash: 0n,
      positions: [{ kind: 0, market: usdc, size: 1000n * WAD, entryPrice: 0n, unsettledFunding: 0n }],
    });
    const attest = async (maxAmount: bigint, sequence: bigint, change: Partial<Attestation> = {}) =>
      signed({
        consumer: risk.venue,
        kind: 'withdrawal',
        data: encodeAttestationData.withdrawal({ asset: usdc, maxAmount, sequence }),
        ...change,
      });
    const withdraw = (
      amount: bigint,
      [attestation, signature]: readonly [Attestation, Hex],
      from = consumer.address,
    ) => ({
      from,
      to: risk.venue,
      abi: [...venue, ...attestationVerifierAbi],
      functionName: 'withdraw',
      args: [account, usdc, amount, attestation, signature],
    });
    const word = await attest(400n * WAD, 2n);
    expect(await refusal(chain, withdraw(400_000_001n, word))).toEqual([
      'NotCovered',
      [400_000_001n * 10n ** 12n, 400n * WAD],
    ]);
    expect(await refusal(chain, withdraw(1n, word, stranger.address))).toEqual([
      'NotHolder',
      [stranger.address],
    ]);
    expect(await refusal(chain, withdraw(1n, await attest(400n * WAD, 1n)))).toEqual([
      'AttestationMismatch',
      [],
    ]);
    const other = await attest(400n * WAD, 2n, { account: nameToBytes32('bob') });
    expect(await refusal(chain, withdraw(1n, other))).toEqual(['AttestationMismatch', []]);
    expect((await sendAs(chain, consumer, withdraw(400_000_000n, word))).status).toBe('success');
    expect(await refusal(chain, withdraw(1n, word))).toEqual(['NonceConsumed', [risk.venue, word[0].nonce]]);
    expect(await book()).toMatchObject({ sequence: 3n, positions: [{ size: 600n * WAD }] });
    expect(await read(chain, quoteToken, token, 'balanceOf', [consumer.address])).toBe(400_000_000n);
  });
});

function malleable(signature: Hex): Hex {
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
  const s = numberToHex(order - BigInt(sliceHex(signature, 32, 64)), { size: 32 });
  return concatHex([sliceHex(signature, 0, 32), s, sliceHex(signature, 64) === '0x1b' ? '0x1c' : '0x1b']);
}

async function accountsOf(url: string): Promise<readonly Address[]> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_accounts', params: [] });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  return ((await response.json()) as { result: readonly Address[] }).result;
}
