import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import type { FeedConfig } from '../../../oracles/config/feeds.ts';
import type { SourceReport } from '../../../oracles/quotes/quote.ts';
import { failure, feed, NOW, pyth, quote } from '../support/feeds.ts';

const MAX_GROUPS = 9;
const groups = (count: number, over = {}) =>
  feed({
    sources: Array.from({ length: count }, (_, index) => pyth({ id: `s:${index}`, group: `g${index}` })),
    minPrice: '0.00000001',
    maxPrice: '1000000000',
    maxConfidenceBps: 5000,
    ...over,
  });
const FEEDS = Array.from({ length: MAX_GROUPS + 1 }, (_, count) => (count === 0 ? null : groups(count)));

interface Said {
  readonly price: number;
  /** Share of the price. */
  readonly width: number;
}

const report = (config: FeedConfig, index: number, { price, width }: Said): SourceReport =>
  quote(config, `s:${index}`, price, { confidence: BigInt(Math.round(price * width * 1e8)) });

const honest = fc.record({
  price: fc.double({ min: 90, max: 110, noNaN: true }),
  width: fc.double({ min: 0, max: 0.02, noNaN: true }),
});
const calm = fc.record({
  price: fc.double({ min: 99, max: 101, noNaN: true }),
  width: fc.double({ min: 0, max: 0.005, noNaN: true }),
});
const hostile = fc.oneof(
  fc.record({
    price: fc.double({ min: 1e-6, max: 1e8, noNaN: true }),
    width: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  fc.record({
    price: fc.double({ min: 85, max: 115, noNaN: true }),
    width: fc.double({ min: 0, max: 0.2, noNaN: true }),
  }),
);

/** `n` groups of which fewer than half are hostile, in any order. */
const mix = (of: typeof honest) =>
  fc.integer({ min: 1, max: MAX_GROUPS }).chain((count) => {
    const most = Math.ceil(count / 2) - 1;
    return fc.integer({ min: 0, max: most }).chain((bad) =>
      fc.record({
        good: fc.array(of, { minLength: count - bad, maxLength: count - bad }),
        bad: fc.array(hostile, { minLength: bad, maxLength: bad }),
        first: fc.boolean(),
      }),
    );
  });

/** Lowest and highest vote of the honest, with the one unit that an empty confidence counts as. */
function rangeOf(config: FeedConfig, reports: readonly SourceReport[]) {
  const votes = reports.flatMap((entry) => {
    if (!entry.ok) return [];
    const { price, confidence } = entry.quote;
    const half = confidence * 10n ** 10n || 1n;
    return [price * 10n ** 10n - half, price * 10n ** 10n + half];
  });
  return {
    config,
    low: votes.reduce((a, b) => (a < b ? a : b)),
    high: votes.reduce((a, b) => (a > b ? a : b)),
  };
}

describe('fewer than half of the independent groups are hostile', () => {
  it('the price stays inside the honest range, whatever they say', () => {
    fc.assert(
      fc.property(mix(honest), ({ good, bad, first }) => {
        const config = FEEDS[good.length + bad.length]!;
        const order = first ? [...bad, ...good] : [...good, ...bad];
        const reports = order.map((said, index) => report(config, index, said));
        const { low, high } = rangeOf(
          config,
          first ? reports.slice(bad.length) : reports.slice(0, good.length),
        );
        const { market } = evaluateFeed(config, reports, NOW);
        if (market === null) return;
        expect(market.priceWad).toBeGreaterThanOrEqual(low);
        expect(market.priceWad).toBeLessThanOrEqual(high);
      }),
      { numRuns: 4000 },
    );
  });

  it('they cannot take the price away while the honest agree and have a quorum', () => {
    fc.assert(
      fc.property(mix(calm), ({ good, bad }) => {
        fc.pre(good.length >= 2);
        const config = FEEDS[good.length + bad.length]!;
        const reports = [...good, ...bad].map((said, index) => report(config, index, said));
        const { market, votes } = evaluateFeed(config, reports, NOW);
        expect(market).not.toBeNull();
        expect(votes.slice(0, good.length).every(({ included }) => included)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('one group says the same however many sources it has', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(hostile, { minLength: 12, maxLength: 12 }),
        (count, said) => {
          const config = groups(2, {
            sources: [
              ...Array.from({ length: count }, (_, index) => pyth({ id: `s:${index}`, group: 'one' })),
              ...['a', 'b'].map((group) => pyth({ id: `h:${group}`, group })),
            ],
          });
          const reports = said.slice(0, count).map((entry, index) => report(config, index, entry));
          reports.push(quote(config, 'h:a', 100), quote(config, 'h:b', 101));
          const { market } = evaluateFeed(config, reports, NOW);
          expect(market!.priceWad).toBeGreaterThanOrEqual(100n * 10n ** 18n - 1n);
          expect(market!.priceWad).toBeLessThanOrEqual(101n * 10n ** 18n + 1n);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('any reports', () => {
  const anything = fc.record({
    price: fc.bigInt(-(10n ** 40n), 10n ** 40n),
    expo: fc.integer({ min: -70, max: 30 }),
    confidence: fc.bigInt(-(10n ** 20n), 10n ** 40n),
    publishTimeMs: fc.oneof(
      fc.integer({ min: NOW - 100_000, max: NOW + 100_000 }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.5),
    ),
  });

  it('give an answer, with a price or a reason, and weights that add up', () => {
    const config = FEEDS[4]!;
    fc.assert(
      fc.property(
        fc.array(fc.option(anything), { minLength: 4, maxLength: 4 }),
        fc.oneof(fc.integer(), fc.constant(Number.NaN), fc.constant(NOW)),
        (said, nowMs) => {
          const reports = said.map((over, index) =>
            over === null
              ? failure(config, `s:${index}`, 'read-failed')
              : quote(config, `s:${index}`, 100, over),
          );
          const price = evaluateFeed(config, reports, nowMs);
          const sum = price.votes.reduce((total, { weight }) => total + weight, 0);
          expect(price.votes.length).toBe(4);
          if (price.market === null) {
            expect(sum).toBe(0);
            expect(price.verdicts.margin.usable).toBe(false);
            expect(price.verdicts.margin.reasons.length).toBeGreaterThan(0);
          } else {
            expect(sum).toBeCloseTo(1, 9);
            expect(price.market.priceWad).toBeGreaterThan(0n);
            expect(price.market.confidenceScore).toBeGreaterThanOrEqual(0);
            expect(price.market.confidenceScore).toBeLessThanOrEqual(1);
          }
          for (const vote of price.votes)
            expect(vote.included || vote.reasons.length > 0 || price.market === null).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
