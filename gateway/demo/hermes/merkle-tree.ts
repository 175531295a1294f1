import { hashLeaf, hashNode, hashNullLeaf } from '../../../oracles/pyth/merkle.ts';

/** Merkle tree over the messages of one slot, filled up to a power of two as Pyth's accumulator does. */
export interface MerkleTree {
  readonly root: Uint8Array;
  /** Siblings of message `index`, leaf to root. */
  proof(index: number): readonly Uint8Array[];
}

export function buildMerkleTree(messages: readonly Uint8Array[]): MerkleTree {
  if (messages.length === 0) throw new RangeError('a tree needs at least one message');
  const width = 2 ** Math.ceil(Math.log2(messages.length));
  const nullLeaf = hashNullLeaf();
  const levels: Uint8Array[][] = [
    Array.from({ length: width }, (_, index) => {
      const message = messages[index];
      return message === undefined ? nullLeaf : hashLeaf(message);
    }),
  ];
  for (let level = levels[0]!; level.length > 1; level = levels[levels.length - 1]!) {
    levels.push(
      Array.from({ length: level.length / 2 }, (_, index) =>
        hashNode(level[2 * index]!, level[2 * index + 1]!),
      ),
    );
  }
  return {
    root: levels[levels.length - 1]![0]!,
    proof: (index) => levels.slice(0, -1).map((level, depth) => level[(index >> depth) ^ 1]!),
  };
}
