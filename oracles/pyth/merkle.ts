import { keccak256 } from './keccak.ts';

/** Length of the truncated keccak hashes of Pyth's accumulator tree, in bytes. */
export const HASH_BYTES = 20;
const LEAF_PREFIX = 0x00;
const NODE_PREFIX = 0x01;
/** Prefix of an empty leaf that fills the tree up to a power of two. */
const NULL_PREFIX = 0x02;

/** First 20 bytes of keccak256. */
export function keccak160(bytes: Uint8Array): Uint8Array {
  return keccak256(bytes).subarray(0, HASH_BYTES);
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

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const keyOf = (node: Uint8Array): string =>
  Buffer.from(node.buffer, node.byteOffset, HASH_BYTES).toString('latin1');

/** A node that leads to the root by the rest of a proof, from `from` on. */
interface KnownNode {
  readonly proof: readonly Uint8Array[];
  readonly from: number;
}

/**
 * Checks proofs (leaf to root) under one root. Proofs of one tree share most of their nodes: where one comes to a node
 * that is known to lead to the root, and what is left of it is byte for byte what led there, no more is hashed.
 */
export class ProofChecker {
  private readonly root: Uint8Array;
  private readonly known = new Map<string, KnownNode>();

  constructor(root: Uint8Array) {
    this.root = root;
  }

  private leadsToRoot(key: string, proof: readonly Uint8Array[], from: number): boolean {
    const known = this.known.get(key);
    if (known === undefined || known.proof.length - known.from !== proof.length - from) return false;
    for (let index = from; index < proof.length; index += 1) {
      if (!equal(proof[index]!, known.proof[index - from + known.from]!)) return false;
    }
    return true;
  }

  /** Null when the message lies under the root, else the root that it leads to. */
  misses(message: Uint8Array, proof: readonly Uint8Array[]): Uint8Array | null {
    const passed: string[] = [];
    let node = hashLeaf(message);
    for (let index = 0; index < proof.length; index += 1) {
      const key = keyOf(node);
      if (this.leadsToRoot(key, proof, index)) return this.remember(passed, proof);
      passed.push(key);
      node = hashNode(node, proof[index]!);
    }
    return equal(node, this.root) ? this.remember(passed, proof) : node;
  }

  private remember(passed: readonly string[], proof: readonly Uint8Array[]): null {
    passed.forEach((key, from) => {
      this.known.set(key, { proof, from });
    });
    return null;
  }
}
