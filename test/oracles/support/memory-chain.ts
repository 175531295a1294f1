import type { ChainReader, PinnedView, ReadCall, ReadOutcome } from '../../../oracles/sources/ports.ts';
import { NOW } from './feeds.ts';

/**
 * A chain in memory in place of a node: answers by address and function. Real contracts are read in
 * sources/onchain.chain.ts; here the answers are ones that a healthy contract does not give.
 */
export class MemoryChain implements ChainReader {
  readonly chain: string;
  blockNumber = 100n;
  blockTimeMs = NOW;
  /** Which branch of the chain the block is on; part of its hash. */
  branch = 0;
  dead = false;
  /** Gives a block, and no answers. */
  deaf = false;
  /** Every batch that was read, as `address.function`. */
  readonly batches: string[][] = [];
  private readonly answers = new Map<string, ReadOutcome>();

  constructor(chain = 'hub') {
    this.chain = chain;
  }

  set(address: string, functionName: string, value: unknown): this {
    this.answers.set(`${address}.${functionName}`, { ok: true, value });
    return this;
  }

  revert(address: string, functionName: string, error: string): this {
    this.answers.set(`${address}.${functionName}`, { ok: false, error });
    return this;
  }

  async pin(): Promise<PinnedView> {
    if (this.dead) throw new Error('no endpoint answers');
    return {
      chain: this.chain,
      blockNumber: this.blockNumber,
      blockHash: `0x${(this.blockNumber * 100n + BigInt(this.branch)).toString(16).padStart(64, '0')}`,
      blockTimeMs: this.blockTimeMs,
      read: async (calls) => this.read(calls),
    };
  }

  private read(calls: readonly ReadCall[]): readonly ReadOutcome[] {
    if (this.deaf) throw new Error('the connection was lost');
    const keys = calls.map(({ address, functionName }) => `${address}.${functionName}`);
    this.batches.push(keys);
    return keys.map((key) => this.answers.get(key) ?? { ok: false, error: `${key} reverted` });
  }
}
