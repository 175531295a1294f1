import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import { ASSET_CLASSES } from '../../../oracles/config/classes.ts';
import { advanceMemory, EMPTY_MEMORY, type FeedMemory } from '../../../oracles/guards/memory.ts';
import { PURPOSES } from '../../../risk/market/verdict.ts';
import { NOW, quote } from '../support/feeds.ts';
import { usd } from '../support/figures.ts';
import { observedFeed } from '../support/observed.ts';

const MAX_GROUPS = 9;
/** Every third source is a time average: those may be taken for late, and must not let a minority in. */
const methodOf = (index: number) => (index % 3 === 2 ? 'dex-twap' : 'cex');
const FEEDS = new Map(
  ASSET_CLASSES.flatMap((name) =>
    Array.from(
      { length: MAX_GROUPS },
      (_, index) => [`${name} ${index + 1}`, observedFeed(name, index + 1, {}, methodOf)] as const,
    ),
  ),
);

const said = (low: number, high: number, width: number) =>
  fc.record({
    price: fc.double({ min: low, max: high, noNaN: true }),
    width: fc.double({ min: 0, max: width, noNaN: true }),
    deep: fc.boolean(),
  });
const honest = said(97, 103, 0.01);
const hostile = fc.oneof(said(1e-4, 1e6, 0.5), said(90, 110, 0.05), said(50, 200, 0));

/** Moments in order; at each `n` groups of which fewer than half are hostile, in any order. */
const moments = fc
  .record({ count: fc.integer({ min: 1, max: MAX_GROUPS }), assetClass: fc.constantFrom(...ASSET_CLASSES) })
  .chain(({ count, assetClass }) =>
    fc.record({
      assetClass: fc.constant(assetClass),
      count: fc.constant(count),
      steps: fc.array(
        fc.integer({ min: 0, max: Math.ceil(count / 2) - 1 }).chain((bad) =>
          fc.record({
            good: fc.array(honest, { minLength: count - bad, maxLength: count - bad }),
            bad: fc.array(hostile, { minLength: bad, maxLength: bad }),
            first: fc.boolean(),
            seconds: fc.integer({ min: 1, max: 7200 }),
          }),
        ),
        { minLength: 1, maxLength: 6 },
      ),
    }),
  );

/** What may be remembered or told, including things that are wrong. */
const anyMemory: fc.Arbitrary<FeedMemory> = fc
  .record({
    lastGood: fc.option(fc.double({ min: 0.01, max: 1e4, noNaN: true })),
    ema: fc.option(fc.double({ min: 0.01, max: 1e4, noNaN: true })),
    rate: fc.option(fc.double({ min: 50, max: 150, noNaN: true })),
    other: fc.option(fc.double({ min: 50, max: 150, noNaN: true })),
    up: fc.option(fc.boolean()),
    refused: fc.option(fc.integer({ min: 0, max: 120 })),
  })
  .map(({ lastGood, ema, rate, other, up, refused }) => {
    const hold = { opened: true, refusedAtMs: refused === null ? null : NOW - refused * 1000 };
    return {
      ...EMPTY_MEMORY,
      lastGood: lastGood === null ? null : { priceWad: usd(lastGood), atMs: NOW - 60_000 },
      ema1hWad: ema === null ? null : usd(ema),
      sequencer: up === null ? null : { up, sinceSeconds: 10 },
      rateAnchor: rate === null ? null : { priceWad: usd(rate), atMs: NOW, maxYearlyGrowthBps: 500 },
      otherChains: other === null ? [] : [{ chain: 'hub', priceWad: usd(other), atMs: NOW }],
      holds: { open: hold, margin: hold, liquidate: hold },
    };
  });

const inUnits = ({ price, width }: { price: number; width: number }) => {
  const value = BigInt(Math.round(price * 1e8)) * 10n ** 10n;
  const half = BigInt(Math.round(price * width * 1e8)) * 10n ** 10n;
  return { low: value - (half || 1n), high: value + (half || 1n) };
};

describe('classed feeds with memory, fewer than half of the independent groups hostile', () => {
  it('whatever is remembered, the price stays inside the honest range at every step', () => {
    fc.assert(
      fc.property(moments, anyMemory, ({ assetClass, count, steps }, first) => {
        const config = FEEDS.get(`${assetClass} ${count}`)!;
        let memory = first;
        let nowMs = NOW;
        for (const { good, bad, first: badFirst, seconds } of steps) {
          nowMs += seconds * 1000;
          const order = badFirst ? [...bad, ...good] : [...good, ...bad];
          const reports = order.map(({ price, width, deep }, index) =>
            quote(config, `s:${index}`, price, {
              publishTimeMs: nowMs,
              confidence: BigInt(Math.round(price * width * 1e8)),
              details: { windowSeconds: 1800, ...(deep ? { liquidityUsd: 5_000_000 } : {}) },
            }),
          );
          const answer = evaluateFeed(config, reports, nowMs, { quotePrices: new Map(), memory });
          memory = advanceMemory(memory, answer);
          if (answer.market === null) {
            expect(PURPOSES.some((purpose) => answer.verdicts[purpose].usable)).toBe(false);
            continue;
          }
          const ranges = good.map(inUnits);
          const low = ranges.map((range) => range.low).reduce((a, b) => (a < b ? a : b));
          const high = ranges.map((range) => range.high).reduce((a, b) => (a > b ? a : b));
          expect(answer.market.priceWad).toBeGreaterThanOrEqual(low);
          expect(answer.market.priceWad).toBeLessThanOrEqual(high);
        }
      }),
      { numRuns: 4000 },
    );
  });

  it('the average and the last good price stay inside what the honest ever said', () => {
    fc.assert(
      fc.property(moments, ({ assetClass, count, steps }) => {
        const config = FEEDS.get(`${assetClass} ${count}`)!;
        let memory = EMPTY_MEMORY;
        let nowMs = NOW;
        let low = 10n ** 40n;
        let high = 0n;
        for (const { good, bad, seconds } of steps) {
          nowMs += seconds * 1000;
          for (const range of good.map(inUnits)) {
            if (range.low < low) low = range.low;
            if (range.high > high) high = range.high;
          }
          const reports = [...good, ...bad].map(({ price, width }, index) =>
            quote(config, `s:${index}`, price, {
              publishTimeMs: nowMs,
              confidence: BigInt(Math.round(price * width * 1e8)),
              details: { windowSeconds: 1800 },
            }),
          );
          memory = advanceMemory(
            memory,
            evaluateFeed(config, reports, nowMs, { quotePrices: new Map(), memory }),
          );
          for (const known of [memory.ema1hWad, memory.lastGood?.priceWad ?? null]) {
            if (known === null) continue;
            expect(known).toBeGreaterThanOrEqual(low - 10n);
            expect(known).toBeLessThanOrEqual(high + 10n);
          }
        }
      }),
      { numRuns: 1500 },
    );
  });
});
