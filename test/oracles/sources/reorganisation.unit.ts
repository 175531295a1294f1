import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import { createChainRound } from '../../../oracles/sources/chain-round.ts';
import { SeenBlocks } from '../../../oracles/sources/seen-blocks.ts';
import { address, chainlink, feed, NOW } from '../support/feeds.ts';
import { MemoryChain } from '../support/memory-chain.ts';

const PROXY = address('1');
const AGGREGATOR = address('6');
const FEED = feed({ sources: [chainlink()] });

/** One source on one chain, with the rounds that feed its book; the answer is in dollars. */
function start() {
  const chain = new MemoryChain()
    .set(PROXY, 'decimals', 8)
    .set(PROXY, 'aggregator', AGGREGATOR)
    .set(AGGREGATOR, 'minSubmissionValue', 1n)
    .set(AGGREGATOR, 'maxSubmissionValue', 10n ** 14n);
  const book = new PriceBook([FEED]);
  const clock = { nowMs: () => NOW };
  const rounds = createChainRound({ reader: chain, feeds: [FEED], sequencer: null, clock });
  return {
    chain,
    /** A round at a block of a branch; what the book then has of the source. */
    async round(block: bigint, branch: number, dollars: bigint) {
      const at = BigInt(NOW / 1000) - 5n;
      chain.blockNumber = block;
      chain.branch = branch;
      chain.set(PROXY, 'latestRoundData', [
        (1n << 64n) | block,
        dollars * 10n ** 8n,
        at,
        at,
        (1n << 64n) | block,
      ]);
      const result = await rounds.run();
      if (result.reorganised) book.forgetBlocks('hub');
      book.ingest(result.reports);
      const [report] = book.reports(FEED.id);
      return report?.ok
        ? `${report.quote.price / 10n ** 8n} of ${report.quote.blockNumber}`
        : report?.failure.code;
    },
  };
}

describe('a chain that was reorganised', () => {
  it('takes quotes of the new branch while it is still shorter than the one that was removed', async () => {
    const { round } = start();
    for (const block of [100n, 101n, 102n, 103n]) await round(block, 0, 3000n);
    // The head went back to a block of both branches: as a node that lags would tell it.
    expect(await round(100n, 0, 2900n)).toBe('3000 of 103');
    expect(await round(101n, 1, 2901n)).toBe('2901 of 101');
    expect(await round(102n, 1, 2902n)).toBe('2902 of 102');
    expect(await round(104n, 1, 2904n)).toBe('2904 of 104');
  });

  it('is not mistaken for a node that lags on the same branch', async () => {
    const { round } = start();
    for (const block of [100n, 101n, 102n]) await round(block, 0, 3000n);
    expect(await round(101n, 0, 2900n)).toBe('3000 of 102');
    expect(await round(99n, 0, 2900n)).toBe('3000 of 102');
  });

  it('is remembered where the round that found it could not be read', async () => {
    const { chain, round } = start();
    for (const block of [100n, 101n, 102n]) await round(block, 0, 3000n);
    chain.deaf = true;
    expect(await round(101n, 1, 2901n)).toBe('chain-unavailable');
    chain.deaf = false;
    expect(await round(101n, 1, 2901n)).toBe('2901 of 101');
  });
});

describe('the blocks that were seen', () => {
  const hash = (digit: string): `0x${string}` => `0x${digit.repeat(64)}`;

  it('tell of a removed block once, and forget those after it', () => {
    const seen = new SeenBlocks();
    const at = (blockNumber: bigint, digit: string) => seen.removes({ blockNumber, blockHash: hash(digit) });
    expect([at(1n, 'a'), at(2n, 'b'), at(3n, 'c'), at(2n, 'b')]).toEqual([false, false, false, false]);
    expect([at(2n, 'd'), at(2n, 'd'), at(3n, 'e')]).toEqual([true, false, false]);
  });

  it('are the last few hundred', () => {
    const seen = new SeenBlocks();
    for (let number = 0n; number < 300n; number += 1n) {
      seen.removes({ blockNumber: number, blockHash: hash('a') });
    }
    expect(seen.removes({ blockNumber: 10n, blockHash: hash('b') })).toBe(false);
    expect(seen.removes({ blockNumber: 200n, blockHash: hash('b') })).toBe(true);
  });
});
