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

/** Input of one leaf at a time, made anew only where the length changes: prices all have the same. */
let leaf = Uint8Array.of(LEAF_PREFIX);

/** Hash of a leaf in the first `HASH_BYTES`, without the view that would cut the rest off. */
function hashLongLeaf(message: Uint8Array): Uint8Array {
  if (leaf.length !== message.length + 1) {
    leaf = new Uint8Array(message.length + 1);
    leaf[0] = LEAF_PREFIX;
  }
  leaf.set(message, 1);
  return keccak256(leaf);
}

export function hashLeaf(message: Uint8Array): Uint8Array {
  return hashLongLeaf(message).subarray(0, HASH_BYTES);
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

/** Whether `count` bytes of both are the same, from the given places on. */
function sameBytes(a: Uint8Array, fromA: number, b: Uint8Array, fromB: number, count: number): boolean {
  for (let index = 0; index < count; index += 1) if (a[fromA + index] !== b[fromB + index]) return false;
  return true;
}

/** Place of a node in a table: its first 30 bits. Two nodes may share one; what is found there is compared in full. */
const keyOf = (node: Uint8Array): number =>
  ((node[0]! << 22) | (node[1]! << 14) | (node[2]! << 6) | (node[3]! >> 2)) & 0x3fffffff;

/** Input of one hash of two nodes at a time. */
const pair = Uint8Array.of(NODE_PREFIX, ...new Uint8Array(2 * HASH_BYTES));

/** `hashNode` of a node and one that lies in a proof, without a view of it: the first `HASH_BYTES` are the hash. */
function hashUpwards(node: Uint8Array, proof: Uint8Array, at: number): Uint8Array {
  let index = 0;
  while (index < HASH_BYTES && node[index] === proof[at + index]) index += 1;
  const nodeIsAfter = index < HASH_BYTES && node[index]! > proof[at + index]!;
  const nodeAt = nodeIsAfter ? 1 + HASH_BYTES : 1;
  const siblingAt = nodeIsAfter ? 1 : 1 + HASH_BYTES;
  for (index = 0; index < HASH_BYTES; index += 1) {
    pair[nodeAt + index] = node[index]!;
    pair[siblingAt + index] = proof[at + index]!;
  }
  return keccak256(pair);
}

/** A node that leads to the root by the rest of a proof, from the byte `from` on. */
interface KnownNode {
  readonly node: Uint8Array;
  readonly proof: Uint8Array;
  readonly from: number;
}

/**
 * Checks proofs (leaf to root) under one root. Proofs of one tree share most of their nodes: where one comes to a node
 * that is known to lead to the root, and what is left of it is byte for byte what led there, no more is hashed.
 */
export class ProofChecker {
  private readonly root: Uint8Array;
  private readonly known = new Map<number, KnownNode>();
  /** Nodes of the proof at hand. */
  private readonly passed: Uint8Array[] = [];

  constructor(root: Uint8Array) {
    this.root = root;
  }

  private leadsToRoot(node: Uint8Array, proof: Uint8Array, from: number): boolean {
    const known = this.known.get(keyOf(node));
    const rest = proof.length - from;
    return (
      known !== undefined &&
      known.proof.length - known.from === rest &&
      sameBytes(known.node, 0, node, 0, HASH_BYTES) &&
      sameBytes(known.proof, known.from, proof, from, rest)
    );
  }

  /**
   * Null when the message lies under the root, else the root that it leads to.
   * @param proof nodes from the leaf's sibling up, `HASH_BYTES` each; kept
   */
  misses(message: Uint8Array, proof: Uint8Array): Uint8Array | null {
    const { passed } = this;
    passed.length = 0;
    let node = hashLongLeaf(message);
    for (let from = 0; from < proof.length; from += HASH_BYTES) {
      // A leaf is hardly ever asked for twice, so that only what is above one is kept.
      if (from > 0) {
        if (this.leadsToRoot(node, proof, from)) return this.remember(proof);
        passed.push(node);
      }
      node = hashUpwards(node, proof, from);
    }
    if (sameBytes(node, 0, this.root, 0, HASH_BYTES)) return this.remember(proof);
    return node.subarray(0, HASH_BYTES);
  }

  private remember(proof: Uint8Array): null {
    this.passed.forEach((node, index) => {
      this.known.set(keyOf(node), { node, proof, from: (index + 1) * HASH_BYTES });
    });
    return null;
  }
}
