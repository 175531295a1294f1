import { ByteReader } from './byte-reader.ts';
import { UnsupportedUpdateError, UpdateTooLargeError } from './errors.ts';
import { bytesToHex } from './hex.ts';
import { HASH_BYTES } from './merkle.ts';

/** Largest update read at all; a real one with 255 messages stays below. */
export const MAX_UPDATE_BYTES = 128 * 1024;
/** Depth of a tree over more leaves than Pyth will ever have feeds. */
export const MAX_PROOF_LENGTH = 32;
export const MAX_MESSAGE_BYTES = 1024;

export const PNAU_MAGIC = '0x504e4155';
export const ROOT_MAGIC = '0x41555756';
export const MAJOR_VERSION = 1;
export const MINOR_VERSION = 0;
/** Update type `WormholeMerkle`, in the update and in the signed root. */
export const WORMHOLE_MERKLE = 0;

export interface MerkleUpdate {
  readonly message: Uint8Array;
  /** Nodes from the leaf's sibling up, `HASH_BYTES` each, one after the other. */
  readonly proof: Uint8Array;
}

/** A PNAU update taken apart; nothing in it is verified yet. */
export interface AccumulatorUpdate {
  readonly vaa: Uint8Array;
  readonly updates: readonly MerkleUpdate[];
}

/** Payload of the VAA: the root of one slot's tree. */
export interface SignedRoot {
  readonly slot: bigint;
  readonly root: Uint8Array;
}

function expect(field: string, found: string | number, expected: string | number): void {
  if (found !== expected) throw new UnsupportedUpdateError(field, found, expected);
}

function parseMerkleUpdate(reader: ByteReader): MerkleUpdate {
  const messageSize = reader.u16('message size');
  if (messageSize > MAX_MESSAGE_BYTES)
    throw new UpdateTooLargeError('message', messageSize, MAX_MESSAGE_BYTES);
  const message = reader.take(messageSize, 'message');
  const proofLength = reader.u8('proof length');
  if (proofLength > MAX_PROOF_LENGTH) throw new UpdateTooLargeError('proof', proofLength, MAX_PROOF_LENGTH);
  const proof = reader.take(proofLength * HASH_BYTES, 'proof');
  return { message, proof };
}

/**
 * Layout: magic, major, minor, trailing header size (0), update type, VAA with u16 length, count, then per
 * message: u16 length, message, proof length, proof. The header is not signed, so only the one form in use is
 * taken: a newer minor version or a trailing header is refused by name rather than skipped.
 * @throws PythUpdateError
 */
export function parseAccumulatorUpdate(bytes: Uint8Array): AccumulatorUpdate {
  if (bytes.length > MAX_UPDATE_BYTES)
    throw new UpdateTooLargeError('update', bytes.length, MAX_UPDATE_BYTES);
  const reader = new ByteReader(bytes);
  expect('magic', bytesToHex(reader.take(4, 'magic')), PNAU_MAGIC);
  expect('major version', reader.u8('major version'), MAJOR_VERSION);
  expect('minor version', reader.u8('minor version'), MINOR_VERSION);
  expect('trailing header size', reader.u8('trailing header size'), 0);
  expect('update type', reader.u8('update type'), WORMHOLE_MERKLE);
  const vaa = reader.take(reader.u16('VAA length'), 'VAA');
  const count = reader.u8('message count');
  const updates = Array.from({ length: count }, () => parseMerkleUpdate(reader));
  reader.end('update');
  return { vaa, updates };
}

/** @throws PythUpdateError */
export function parseSignedRoot(payload: Uint8Array): SignedRoot {
  const reader = new ByteReader(payload);
  expect('root magic', bytesToHex(reader.take(4, 'root magic')), ROOT_MAGIC);
  expect('root type', reader.u8('root type'), WORMHOLE_MERKLE);
  const slot = reader.u64('slot');
  reader.u32('ring size');
  const root = reader.take(HASH_BYTES, 'root');
  reader.end('signed root');
  return { slot, root };
}
