import { randomBytes } from 'node:crypto';
import { type Address, bytesToHex, getAddress, type Hex, hexToBigInt, zeroHash } from 'viem';
import {
  type Attestation,
  type AttestationKind,
  attestationDigest,
} from '../../chains/contracts/attestation.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { InvalidRequestError } from '../app/errors.ts';
import {
  AttestationRefusedError,
  AttestationsNotConfiguredError,
  ConsumerNotAllowedError,
} from './errors.ts';
import type { AttestationsPort, AttestationTarget } from './port.ts';

/** For whom an answer is signed. */
export interface AttestationAsk {
  readonly protocol: string;
  /** Registry id. */
  readonly chain: string;
  readonly consumer: Address;
  /** null = one at random, of 256 bits. */
  readonly nonce: bigint | null;
  /** From now on, cut to what the answer holds; null = as long as it holds. */
  readonly validForSeconds: number | null;
}

/** What an answer says, as it is signed and as it is read. */
export interface Figures {
  readonly kind: AttestationKind;
  /** null: of no account. */
  readonly account: Hex | null;
  /** Market time. */
  readonly asOfMs: UnixMs;
  readonly validUntilMs: UnixMs;
  readonly data: Hex;
  readonly values: Readonly<Record<string, string>>;
}

export interface SignedAttestation {
  readonly chain: string;
  readonly attestation: Attestation;
  readonly values: Figures['values'];
  readonly digest: Hex;
  readonly signature: Hex;
  readonly signer: Address;
}

/**
 * Where an attestation would be checked. `bound`: what it says is the caller's own, so that the consumer must be too; a
 * price is the same for everybody.
 * @throws AttestationsNotConfiguredError, InvalidRequestError, ConsumerNotAllowedError
 */
export function targetOf(port: AttestationsPort | undefined, ask: AttestationAsk, bound: boolean) {
  const signer = port?.signer ?? null;
  if (port === undefined || signer === null) throw new AttestationsNotConfiguredError();
  const target = port.targets.get(ask.chain);
  if (target === undefined) {
    const message = `no chain '${ask.chain}' with a verifier is listed`;
    throw new InvalidRequestError([{ field: 'chain', message }]);
  }
  if (bound && !target.contracts.get(ask.protocol)?.has(ask.consumer.toLowerCase())) {
    throw new ConsumerNotAllowedError(ask.consumer, ask.chain);
  }
  return { target, signer, registration: port.registration };
}

/**
 * Signs figures for one consumer on one chain. The window begins with the second of the market data and ends when the
 * answer does; both ends are rounded down, so that it never holds longer than the answer.
 * @throws AttestationRefusedError when the answer does not hold any more, or no verifier is known to accept the signer
 */
export async function attest(
  { target, signer, registration }: ReturnType<typeof targetOf>,
  ask: AttestationAsk,
  figures: Figures,
  nowMs: UnixMs,
): Promise<SignedAttestation> {
  const attestation = attestationOf(target, ask, figures, nowMs);
  if (nowMs > figures.validUntilMs || BigInt(Math.ceil(nowMs / 1000)) > attestation.validUntil) {
    const until = new Date(Number(attestation.validUntil) * 1000).toISOString();
    throw new AttestationRefusedError([
      { code: 'answer-expired', message: `it would have held until ${until}` },
    ]);
  }
  const unknown = (await registration?.refusal(ask.chain)) ?? null;
  if (unknown !== null) {
    throw new AttestationRefusedError([{ code: 'signer-not-registered', message: unknown }]);
  }
  const digest = attestationDigest(attestation);
  const signature = await signer.sign(digest);
  return { chain: ask.chain, attestation, values: figures.values, digest, signature, signer: signer.address };
}

function attestationOf(
  target: AttestationTarget,
  ask: AttestationAsk,
  figures: Figures,
  nowMs: UnixMs,
): Attestation {
  const asOf = Math.floor(figures.asOfMs / 1000);
  const holds = Math.floor(figures.validUntilMs / 1000);
  const wanted = ask.validForSeconds === null ? holds : Math.floor(nowMs / 1000) + ask.validForSeconds;
  const until = Math.min(holds, wanted);
  return {
    chainId: BigInt(target.chainId),
    verifier: getAddress(target.verifier),
    consumer: getAddress(ask.consumer),
    account: figures.account ?? zeroHash,
    kind: figures.kind,
    data: figures.data,
    asOf: BigInt(asOf),
    validFrom: BigInt(asOf),
    validUntil: BigInt(until),
    nonce: ask.nonce ?? hexToBigInt(bytesToHex(randomBytes(32))),
  };
}
