import { recover } from 'tiny-secp256k1';
import type { SignerSet } from '../config/feeds.ts';
import { ByteReader } from './byte-reader.ts';
import {
  BadSignatureError,
  InvalidSignerSetError,
  SignatureQuorumError,
  SignerOrderError,
  UnknownSignerError,
  UnknownSignerSetError,
  UnsupportedUpdateError,
  WrongEmitterError,
} from './errors.ts';
import { bytesToHex } from './hex.ts';
import { keccak256 } from './keccak.ts';

export interface VaaSignature {
  readonly index: number;
  /** r and s, 64 bytes. */
  readonly compact: Uint8Array;
  readonly recoveryId: number;
}

/** A Wormhole VAA as it came, before anything about it was checked. */
export interface Vaa {
  readonly signerSetIndex: number;
  readonly signatures: readonly VaaSignature[];
  /** keccak256(keccak256(body)): what every signer signed. */
  readonly digest: Uint8Array;
  readonly timestampSeconds: number;
  readonly emitterChain: number;
  readonly emitterAddress: `0x${string}`;
  readonly sequence: bigint;
  readonly payload: Uint8Array;
}

const VAA_VERSION = 1;

/** Length and keccak of a VAA body; the digest is the double hash. */
export function vaaDigest(body: Uint8Array): Uint8Array {
  return keccak256(keccak256(body));
}

/** @throws PythUpdateError */
export function parseVaa(bytes: Uint8Array): Vaa {
  const reader = new ByteReader(bytes);
  const version = reader.u8('VAA version');
  if (version !== VAA_VERSION) throw new UnsupportedUpdateError('VAA version', version, VAA_VERSION);
  const signerSetIndex = reader.u32('signer set index');
  const count = reader.u8('signature count');
  const signatures = Array.from({ length: count }, () => ({
    index: reader.u8('signer index'),
    compact: reader.take(64, 'signature'),
    recoveryId: reader.u8('recovery id'),
  }));
  const body = reader.take(reader.remaining, 'VAA body');
  const fields = new ByteReader(body);
  const timestampSeconds = fields.u32('VAA timestamp');
  fields.u32('VAA nonce');
  const emitterChain = fields.u16('emitter chain');
  const emitterAddress = bytesToHex(fields.take(32, 'emitter address'));
  const sequence = fields.u64('VAA sequence');
  fields.u8('consistency level');
  const payload = fields.take(fields.remaining, 'VAA payload');
  return {
    signerSetIndex,
    signatures,
    digest: vaaDigest(body),
    timestampSeconds,
    emitterChain,
    emitterAddress,
    sequence,
    payload,
  };
}

/** Ethereum address of an uncompressed public key (65 bytes, 0x04 first). */
export function addressOfPublicKey(publicKey: Uint8Array): `0x${string}` {
  return bytesToHex(keccak256(publicKey.subarray(1)).subarray(12));
}

function recoverSigner(digest: Uint8Array, signature: VaaSignature): `0x${string}` | null {
  if (signature.recoveryId !== 0 && signature.recoveryId !== 1) return null;
  try {
    const publicKey = recover(digest, signature.compact, signature.recoveryId, false);
    return publicKey === null ? null : addressOfPublicKey(publicKey);
  } catch {
    // tiny-secp256k1 throws on r or s outside the group: nobody signed that.
    return null;
  }
}

function chooseSet(vaa: Vaa, signerSets: readonly SignerSet[]): SignerSet {
  const set = signerSets.find((candidate) => candidate.index === vaa.signerSetIndex);
  if (set === undefined) {
    throw new UnknownSignerSetError(
      vaa.signerSetIndex,
      signerSets.map((candidate) => candidate.index),
    );
  }
  const distinct = new Set(set.addresses.map((address) => address.toLowerCase()));
  if (distinct.size !== set.addresses.length)
    throw new InvalidSignerSetError(set.index, 'an address is listed twice');
  if (set.quorum < 1 || set.quorum > set.addresses.length) {
    throw new InvalidSignerSetError(set.index, `quorum ${set.quorum} of ${set.addresses.length} signers`);
  }
  return set;
}

/**
 * Checks that the set named by the VAA signed it (every signature given, at least the quorum) and that
 * Pyth's accumulator emitted it. Cheap checks first: signatures cost the most.
 * @throws PythUpdateError
 */
export function verifyVaa(vaa: Vaa, signerSets: readonly SignerSet[]): SignerSet {
  const set = chooseSet(vaa, signerSets);
  const found = { chain: vaa.emitterChain, address: vaa.emitterAddress };
  const expected = { chain: set.emitter.chain, address: set.emitter.address.toLowerCase() };
  if (found.chain !== expected.chain || found.address !== expected.address)
    throw new WrongEmitterError(found, expected);
  if (vaa.signatures.length < set.quorum) throw new SignatureQuorumError(vaa.signatures.length, set.quorum);
  let previous = -1;
  for (const { index } of vaa.signatures) {
    if (index <= previous) throw new SignerOrderError(previous, index);
    if (index >= set.addresses.length) throw new UnknownSignerError(index, set.addresses.length);
    previous = index;
  }
  for (const signature of vaa.signatures) {
    const signer = set.addresses[signature.index]!;
    const recovered = recoverSigner(vaa.digest, signature);
    if (recovered !== signer.toLowerCase()) throw new BadSignatureError(signature.index, signer, recovered);
  }
  return set;
}
