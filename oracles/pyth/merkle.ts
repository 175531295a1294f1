import { keccak256 } from 'viem';

/** Length of the truncated keccak hashes of Pyth's accumulator tree, in bytes. */
export const HASH_BYTES = 20;
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
/** Prefix of an empty leaf that fills the tree up to a power of two. */
const NULL_PREFIX = 0x02;

/** First 20 bytes of keccak256. */
export function keccak160(bytes: Uint8Array): Uint8Array {
  return keccak256(bytes, 'bytes').subarray(0, HASH_BYTES);
}

export function hashLeaf(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(message.length + 1);
  bytes[0] = LEAF_PREFIX;
  bytes.set(message, 1);
  return keccak160(bytes);
}

export function hashNullLeaf(): Uint8Array {
  return keccak160(Uint8Array.of(NULL_PREFIX));
}

function isAfter(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 0; index < HASH_BYTES; index += 1) {
    if (left[index] !== right[index]) return left[index]! > right[index]!;
  }
  return false;
}

/** Hash of an inner node: the smaller child first, so that a proof needs no left/right bits. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + 2 * HASH_BYTES);
  bytes[0] = NODE_PREFIX;
  const swap = isAfter(left, right);
  bytes.set(swap ? right : left, 1);
  bytes.set(swap ? left : right, 1 + HASH_BYTES);
  return keccak160(bytes);
}

/** Root that a message and its proof (leaf to root) lead to. */
export function rootOfProof(message: Uint8Array, proof: readonly Uint8Array[]): Uint8Array {
  return proof.reduce((node, sibling) => hashNode(node, sibling), hashLeaf(message));
}
