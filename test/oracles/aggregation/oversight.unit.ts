import { describe, expect, it } from 'vitest';
import { EMPTY_CONTEXT, evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import type { AssetClass } from '../../../oracles/config/classes.ts';
import { observedFeedSchema } from '../../../oracles/config/feeds.ts';
import { EMPTY_MEMORY, type FeedMemory } from '../../../oracles/guards/memory.ts';
import type { Quote } from '../../../oracles/quotes/quote.ts';
import { NOW, quote } from '../support/feeds.ts';
import { codes, usable, usd } from '../support/figures.ts';

type Method = 'cex' | 'dex-spot' | 'dex-twap';

/** A feed of observed sources `s:0`, `s:1`, ... each in a group of its own, with the defaults of a class. */
function ask(
  assetClass: AssetClass,
  prices: readonly number[],
  memory: Partial<FeedMemory> | null,
  details: readonly Quote['details'][] = [],
  methods: readonly Method[] = [],
) {
  const config = observedFeedSchema.parse({
    id: 'ETH-USD',
    base: 'ETH',
    quote: 'USD',
    class: assetClass,
    minPrice: '0.0001',
    maxPrice: '1000000',
    sources: prices.map((_, index) => ({
      kind: 'observed',
      id: `s:${index}`,
      group: `g${index}`,
      method: methods[index] ?? 'cex',
      maxAgeSeconds: 60,
    })),
  });
  const reports = prices.map((price, index) =>
    quote(config, `s:${index}`, price, { details: details[index] ?? {} }),
  );
  const known = memory === null ? null : { ...EMPTY_MEMORY, ...memory };
  return evaluateFeed(config, reports, NOW, { ...EMPTY_CONTEXT, memory: known });
}

const DEEP = { liquidityUsd: 2_000_000 };
const CALM = { ema1hWad: usd(100) };

describe('groups and memory', () => {
  it('two groups: margin only, and only where history confirms them', () => {
    expect(usable(ask('major', [100, 100.1], CALM))).toBe('010');
    expect(usable(ask('major', [100, 100.1], null))).toBe('000');
    expect(usable(ask('major', [100, 100.1, 100.2], null))).toBe('111');
    expect(codes(ask('major', [100, 100.1], CALM))[0]).toBe('quorum-not-met:ETH-USD');
  });

  it('a spot price does not vote, but makes the third group where it agrees', () => {
    const methods: Method[] = ['cex', 'cex', 'dex-spot'];
    expect(usable(ask('major', [100, 100.1, 100.2], null, [], methods))).toBe('111');
    const moved = ask('major', [100, 100.1, 150], CALM, [], methods);
    expect(usable(moved)).toBe('010');
    expect(moved.market!.priceWad).toBe(ask('major', [100, 100.1], CALM).market!.priceWad);
    expect(usable(ask('major', [100, 100.1], null, [], ['dex-spot', 'dex-spot']))).toBe('000');
  });

  it('a jump that three venues of a major show closes new risk only', () => {
    expect(usable(ask('major', [85, 85.1, 85.2], CALM))).toBe('011');
    expect(codes(ask('major', [85, 85.1, 85.2], CALM))).toEqual(['jump:ETH-USD']);
  });

  it('elsewhere a jump needs known depth, or nothing may be done with it', () => {
    expect(usable(ask('longtail', [150, 150.1, 150.2], CALM))).toBe('000');
    expect(usable(ask('longtail', [150, 150.1, 150.2], CALM, [DEEP, DEEP, DEEP]))).toBe('011');
    expect(usable(ask('longtail', [100, 100, 100], null))).toBe('000');
    expect(usable(ask('longtail', [100, 100, 100], null, [DEEP, DEEP, DEEP]))).toBe('111');
  });

  it('a majority that left what history and the outvoted say must prove itself', () => {
    expect(usable(ask('lst', [97, 97, 97, 100], CALM))).toBe('000');
    expect(codes(ask('lst', [97, 97, 97, 100], CALM))[0]).toBe('disagreement:ETH-USD');
    expect(usable(ask('lst', [97, 97, 97, 100], CALM, [DEEP, DEEP]))).toBe('111');
  });

  it('feeds that lag in a crash do not outvote two deep venues', () => {
    const lagging = [157, 157.2, 156.9, 130, 130.2];
    const deep = [{}, {}, {}, DEEP, DEEP];
    const price = ask('major', lagging, { ema1hWad: usd(152) }, deep);
    expect(usable(price)).toBe('000');
    expect(codes(price)[0]).toBe('disagreement:ETH-USD');
    expect(usable(ask('major', lagging, { ema1hWad: usd(152) }, [{}, {}, {}, {}, DEEP]))).toBe('111');
  });
});

describe('averages in a crash', () => {
  const AVERAGE = { windowSeconds: 1800, liquidityUsd: 50_000_000 };
  const methods: Method[] = ['cex', 'cex', 'dex-twap', 'dex-twap'];
  const at = (averages: readonly number[], ema: number, live = [90, 90.1]) =>
    ask('major', [...live, ...averages], { ema1hWad: usd(ema) }, [DEEP, DEEP, AVERAGE, AVERAGE], methods);

  it('that are on their way to the new price stand behind it, and do not vote', () => {
    const price = at([96, 97], 99);
    expect([usable(price), codes(price, 'margin')]).toEqual(['011', ['lagging:s:2', 'lagging:s:3']]);
    expect(price.votes.map(({ included }) => included)).toEqual([true, true, false, false]);
    expect(price.alarms?.map(({ guard }) => guard)).toEqual(['jump']);
  });

  it('that have not moved contradict, and so does one that moved the other way', () => {
    for (const averages of [
      [99, 99],
      [98.5, 96],
      [100, 96],
    ]) {
      const price = at(averages, 99);
      expect([usable(price), codes(price)[0]]).toEqual(['000', 'disagreement:ETH-USD']);
    }
  });

  it('outvote nobody: markets that show another price now close everything', () => {
    const prices = [90, 90.1, 98, 98.1, 98.2];
    const three: Method[] = ['cex', 'cex', 'dex-twap', 'dex-twap', 'dex-twap'];
    const details = [DEEP, DEEP, AVERAGE, AVERAGE, AVERAGE];
    const price = ask('major', prices, { ema1hWad: usd(99) }, details, three);
    expect([usable(price), codes(price)[0]]).toEqual(['000', 'disagreement:ETH-USD']);
  });

  it('one of three does not keep two live groups from liquidating', () => {
    const price = ask(
      'major',
      [90, 90.1, 96],
      { ema1hWad: usd(99) },
      [{}, {}, AVERAGE],
      ['cex', 'cex', 'dex-twap'],
    );
    expect(usable(price)).toBe('011');
  });
});

describe('what the observer knows', () => {
  it.each<[string, Quote['details'], Method]>([
    ['liquidity', { liquidityUsd: 999_999 }, 'cex'],
    ['unit', { scale: 1000 }, 'cex'],
    ['leg-skew', { legSkewSeconds: 181 }, 'cex'],
    ['near-bound', { minAnswer: '9950000000' }, 'cex'],
    ['near-bound', { maxAnswer: '10050000000' }, 'cex'],
    ['window', { windowSeconds: 1799 }, 'dex-twap'],
    ['window', {}, 'dex-twap'],
    ['window', { windowSeconds: 1800, sampleSpreadBps: 2001 }, 'dex-twap'],
    ['spot-source', DEEP, 'dex-spot'],
  ])('%s leaves the source out (%#)', (code, details, method) => {
    const price = ask('major', [100, 100, 100, 100], CALM, [details], [method]);
    expect(codes(price)).toEqual([`${code}:s:0`]);
    expect(price.votes[0]!.included).toBe(false);
    expect(usable(price)).toBe('111');
  });
});

it('at its own bound a source is both near and at it', () => {
  const price = ask('major', [100, 100, 100, 100], CALM, [{ minAnswer: '10000000000' }]);
  expect(codes(price)).toEqual(['near-bound:s:0', 'bounds:s:0']);
});

describe('guards that may be wrong themselves', () => {
  const rate = { priceWad: usd(100), atMs: NOW, maxYearlyGrowthBps: 500 };
  it('a growth limit against agreeing sources: alarm, the market price, margin only', () => {
    const price = ask('lst', [103, 103, 103], { ema1hWad: usd(103), rateAnchor: rate });
    expect(usable(price)).toBe('010');
    expect(codes(price)).toEqual(['growth-cap:ETH-USD']);
    expect(price.market!.priceWad).toBe(usd(103));
    expect(usable(ask('lst', [120, 120, 120], { ema1hWad: usd(120), rateAnchor: rate }))).toBe('000');
  });

  it('a depeg that deep markets show can be liquidated', () => {
    const below = { ema1hWad: usd(96), rateAnchor: rate };
    expect(usable(ask('lst', [96, 96, 96], below, [DEEP, DEEP]))).toBe('011');
    expect(usable(ask('lst', [96, 96, 96], below))).toBe('010');
  });

  it('another chain and the sequencer', () => {
    const other = { ...CALM, otherChains: [{ chain: 'hub', priceWad: usd(110), atMs: NOW }] };
    expect(usable(ask('stable', [100, 100, 100], other))).toBe('010');
    expect(usable(ask('stable', [100, 100], other))).toBe('000');
    const sequencer = (up: boolean, sinceSeconds: number) =>
      usable(ask('major', [100, 100, 100], { ...CALM, sequencer: { up, sinceSeconds } }));
    expect([sequencer(false, 10), sequencer(true, 3599), sequencer(true, 3600)]).toEqual([
      '010',
      '010',
      '111',
    ]);
  });
});
