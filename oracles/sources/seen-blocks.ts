import type { PinnedView } from './ports.ts';

/** Blocks whose hashes are kept: more than any chain in use takes back. */
const KEPT = 256;

/**
 * Hashes of the blocks that rounds were pinned to. A head that went back is either a node that lags, and then its hash
 * is the one known at that height, or a reorganised chain.
 */
export class SeenBlocks {
  private readonly hashes = new Map<bigint, `0x${string}`>();

  /** Whether the block takes the place of another one at its height; what came after that one is forgotten. */
  removes({ blockNumber, blockHash }: Pick<PinnedView, 'blockNumber' | 'blockHash'>): boolean {
    const known = this.hashes.get(blockNumber);
    const removed = known !== undefined && known !== blockHash;
    if (removed) {
      for (const number of this.hashes.keys()) if (number >= blockNumber) this.hashes.delete(number);
    }
    this.hashes.set(blockNumber, blockHash);
    const oldest = this.hashes.keys().next().value;
    if (this.hashes.size > KEPT && oldest !== undefined) this.hashes.delete(oldest);
    return removed;
  }
}
