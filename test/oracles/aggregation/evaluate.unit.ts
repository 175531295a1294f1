import { describe, expect, it } from 'vitest';
import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import type { Quote } from '../../../oracles/quotes/quote.ts';
import { chainlink, failure, feed, NOW, pyth, quote, twap } from '../support/feeds.ts';
import { codes, usable, usd } from '../support/figures.ts';

const ETH = feed();
const IDS = ['pyth:hermes', 'chainlink:hub', 'twap:hub'] as const;
const three = (prices: readonly [number, number, number], over: readonly Partial<Quote>[] = []) =>
  IDS.map((id, index) => quote(ETH, id, prices[index]!, over[index]));

describe('a calm feed', () => {
  const price = evaluateFeed(ETH, three([3000, 3001, 2999.5], [{ confidence: 150_000_000n }]), NOW);

  it('is the median of the votes with all evidence', () => {
    // votes: 3000 +- 1.5, 3001 +- 15.005 (50 bp threshold), 2999.5 +- 8.9985 (30 bp pool fee)
    expect(price.market!.priceWad).toBe(usd(3000));
    expect(price.market!.confidenceWad).toBe(usd(1.5));
    expect(price.votes.map(({ included, weight, ageMs }) => [included, weight, ageMs])).toEqual([
      [true, 1 / 3, 0],
      [true, 1 / 3, 0],
      [true, 1 / 3, 0],
    ]);
    expect(usable(price)).toBe('111');
    expect(price.verdicts.open.reasons).toEqual([]);
    expect(price.market!.publishTimeMs).toBe(NOW);
    expect(price).toMatchObject({ feedId: 'ETH-USD', base: 'ETH', quoteAsset: 'USD', asOfMs: NOW });
  });

  it('scores 1 - confidence / (2 x limit): 5 bp of 400 bp', () => {
    expect(price.market!.confidenceScore).toBeCloseTo(1 - 5 / 400, 10);
  });

  it('is the same answer for the same arguments, and changes its hash with the configuration', () => {
    const again = evaluateFeed(feed(), three([3000, 3001, 2999.5], [{ confidence: 150_000_000n }]), NOW);
    expect(again).toEqual(price);
    expect(price.configHash).toMatch(/^0x[0-9a-f]{64}$/);
    expect(evaluateFeed(feed({ maxDeviationBps: 299 }), [], NOW).configHash).not.toBe(price.configHash);
  });
});

describe('guards of one source', () => {
  const without = (over: Partial<Quote>, price = 3000) =>
    evaluateFeed(ETH, three([price, 3001, 2999.5], [over]), NOW);
  it.each<[string, Partial<Quote>]>([
    ['stale-source', { publishTimeMs: NOW - 60_001 }],
    ['future-publish-time', { publishTimeMs: NOW + 15_001 }],
    ['future-publish-time', { publishTimeMs: Number.NaN }],
    ['non-positive-price', { price: 0n }],
    ['non-positive-price', { price: -5n }],
    ['unit', { quoteAsset: 'USDC' }],
    ['unit', { expo: 40 }],
    ['confidence', { confidence: 13_000_000_000n }],
    ['bounds', { price: 10n ** 14n, expo: -8 }],
    ['bounds', { price: 999_999_999n, expo: -8 }],
  ])('%s leaves it out and says so (%#)', (code, over) => {
    const price = without(over);
    expect(codes(price)).toContain(
      `${code === 'stale-source' && Number.isNaN(over.publishTimeMs) ? 'future-publish-time' : code}:pyth:hermes`,
    );
    expect(price.votes.map(({ included }) => included)).toEqual([false, true, true]);
    expect(usable(price)).toBe('111');
  });

  it('takes the limits inclusively', () => {
    expect(without({ publishTimeMs: NOW - 60_000 }).votes[0]!.included).toBe(true);
    expect(without({ publishTimeMs: NOW + 15_000 }).votes[0]!.included).toBe(true);
  });

  it('stale-read: a chain last read too long ago, though its price is young enough', () => {
    const old = { publishTimeMs: NOW - 301_000, blockTimeMs: NOW - 301_000 };
    const price = evaluateFeed(ETH, three([3000, 3001, 2999.5], [{}, old]), NOW);
    expect(codes(price)).toEqual(['stale-read:chainlink:hub']);
    const patient = feed({ sources: [pyth(), chainlink({ maxReadAgeSeconds: 302 }), twap()] });
    const reports = three([3000, 3001, 2999.5], [{}, old]);
    expect(evaluateFeed(patient, reports, NOW).votes[1]!.included).toBe(true);
  });

  it('near-bound: at the bound of the aggregator an answer is no measurement', () => {
    const details = { minAnswer: '297200000000', maxAnswer: '100000000000000' };
    const price = evaluateFeed(ETH, three([3000, 3001, 2999.5], [{}, { details }]), NOW);
    expect(codes(price)).toEqual(['near-bound:chainlink:hub']);
    const wide = { minAnswer: '1', maxAnswer: '100000000000000' };
    expect(codes(evaluateFeed(ETH, three([3000, 3001, 2999.5], [{}, { details: wide }]), NOW))).toEqual([]);
  });

  it('liquidity: a pool that is too cheap to move', () => {
    const config = feed({ sources: [pyth(), chainlink(), twap({ minHarmonicLiquidity: '1000' })] });
    const at = (harmonicMeanLiquidity: string) =>
      evaluateFeed(
        config,
        three([3000, 3001, 2999.5], [{}, {}, { details: { harmonicMeanLiquidity } }]),
        NOW,
      );
    expect(codes(at('999'))).toEqual(['liquidity:twap:hub']);
    expect(codes(at('1000'))).toEqual([]);
    expect(codes(evaluateFeed(config, three([3000, 3001, 2999.5]), NOW))).toEqual(['liquidity:twap:hub']);
  });

  it('failures of a source come with their own code, missing ones as no-report', () => {
    const price = evaluateFeed(ETH, [failure(ETH, 'chainlink:hub', 'chain-unavailable')], NOW);
    expect(codes(price)).toEqual([
      'quorum-not-met:ETH-USD',
      'no-report:pyth:hermes',
      'chain-unavailable:chainlink:hub',
      'no-report:twap:hub',
    ]);
    expect(price.market).toBeNull();
    expect(usable(price)).toBe('000');
  });

  it('ignores reports of other feeds and unknown sources; the last of a source counts', () => {
    const stranger = quote(feed({ id: 'BTC-USD' }), 'pyth:hermes', 9);
    const reports = [...three([1, 3001, 2999.5]), ...three([3000, 3001, 2999.5]), stranger];
    expect(evaluateFeed(ETH, reports, NOW).market!.priceWad).toBe(usd(3000));
  });
});

describe('agreement', () => {
  it('leaves out the one that deviates from the median of the others', () => {
    const price = evaluateFeed(ETH, three([3000, 4000, 3002]), NOW);
    expect(codes(price)).toEqual(['deviation:chainlink:hub']);
    expect(price.votes.map(({ weight }) => weight)).toEqual([0.5, 0, 0.5]);
    // votes 3000 (three times, Pyth without width) and 3002 +- 9.006: both middle ones are 3000
    expect(price.market!.priceWad).toBe(usd(3000));
    expect(usable(price)).toBe('111');
  });

  it('gives no price when two groups left disagree, and never their mean', () => {
    const price = evaluateFeed(ETH, [quote(ETH, 'pyth:hermes', 3000), quote(ETH, 'twap:hub', 3100)], NOW);
    expect(price.market).toBeNull();
    expect(codes(price)[0]).toBe('disagreement:ETH-USD');
    expect(codes(price)).toContain('deviation:pyth:hermes');
    expect(usable(price)).toBe('000');
  });

  it('gives a price when two groups left agree', () => {
    const price = evaluateFeed(ETH, [quote(ETH, 'pyth:hermes', 3000), quote(ETH, 'twap:hub', 3080)], NOW);
    // votes 3000 (three times) and 3080 +- 9.24: the mean of the middle ones, 3000 and 3070.76
    expect(Number(price.market!.priceWad) / 1e18).toBeCloseTo(3035.38, 6);
    expect(price.market!.confidenceScore).toBeLessThan(0.7);
  });

  it('gives no price when three groups say three things', () => {
    expect(codes(evaluateFeed(ETH, three([3000, 3500, 4000]), NOW))[0]).toBe('disagreement:ETH-USD');
  });

  it('counts a group once, however often it is read', () => {
    const config = feed({
      sources: [pyth({ id: 'p:1' }), pyth({ id: 'p:2' }), pyth({ id: 'p:3' }), chainlink(), twap()],
    });
    const reports = [
      ...['p:1', 'p:2', 'p:3'].map((id) => quote(config, id, 4000)),
      quote(config, 'chainlink:hub', 3000),
      quote(config, 'twap:hub', 3001),
    ];
    const price = evaluateFeed(config, reports, NOW);
    expect(price.votes.map(({ included }) => included)).toEqual([false, false, false, true, true]);
    const calm = evaluateFeed(
      config,
      [...reports.slice(3), ...['p:1', 'p:2', 'p:3'].map((id) => quote(config, id, 3000))],
      NOW,
    );
    const weights = calm.votes.map(({ weight }) => weight);
    expect(weights.slice(0, 3).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1 / 3, 9);
    expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 12);
    const alone = evaluateFeed(config, reports.slice(0, 3), NOW);
    expect(codes(alone)[0]).toBe('quorum-not-met:ETH-USD');
  });

  it('shares a vote within a group by weight, and weighs groups', () => {
    const config = feed({
      sources: [pyth({ id: 'p:1', weight: 3 }), pyth({ id: 'p:2' }), chainlink({ weight: 2 }), twap()],
    });
    const reports = ['p:1', 'p:2', 'chainlink:hub', 'twap:hub'].map((id) => quote(config, id, 3000));
    const weights = evaluateFeed(config, reports, NOW).votes.map(({ weight }) => weight);
    expect(weights.map((weight) => Math.round(weight * 24))).toEqual([9, 3, 8, 4]);
  });
});
