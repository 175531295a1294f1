import { describe, expect, it } from 'vitest';
import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import type { Quote } from '../../../oracles/quotes/quote.ts';
import { chainlink, feed, NOW, pyth, quote, twap } from '../support/feeds.ts';
import { codes, usd } from '../support/figures.ts';

const IDS = ['pyth:hermes', 'chainlink:hub', 'twap:hub'] as const;

describe('quote assets', () => {
  const usdc = feed({
    id: 'USDC-USD',
    base: 'USDC',
    minPrice: '0.5',
    maxPrice: '1.5',
    sources: [pyth({ maxAgeSeconds: 600 }), chainlink({ maxAgeSeconds: 90_000 })],
  });
  const inUsdc = feed({
    sources: [pyth(), chainlink(), twap({ quoteAsset: 'USDC', quoteFeed: 'USDC-USD' })],
  });
  const usdcAt = (price: number, over: Partial<Quote> = {}) =>
    evaluateFeed(
      usdc,
      ['pyth:hermes', 'chainlink:hub'].map((id) => quote(usdc, id, price, over)),
      NOW,
    );
  const ethAt = (leg: RobustPrice | null, prices: readonly [number, number, number] = [3000, 3001, 3000]) => {
    const quotePrices = new Map(leg === null ? [] : [['USDC-USD', leg] as const]);
    return evaluateFeed(
      inUsdc,
      IDS.map((id, index) => quote(inUsdc, id, prices[index]!)),
      NOW,
      { quotePrices },
    );
  };

  it("are turned into the feed's by their own price: USDC is not 1.00", () => {
    expect(ethAt(usdcAt(0.99)).votes[2]!.priceWad).toBe(usd(2970));
  });

  it('carry the age of the older leg', () => {
    const leg = usdcAt(1, { publishTimeMs: NOW - 40_000 });
    expect(leg.market!.publishTimeMs).toBe(NOW - 40_000);
    expect(ethAt(leg).votes[2]!.ageMs).toBe(40_000);
  });

  it('bound the skew of the legs', () => {
    const narrow = feed({
      sources: [
        pyth(),
        chainlink(),
        twap({ quoteAsset: 'USDC', quoteFeed: 'USDC-USD', maxLegSkewSeconds: 30 }),
      ],
    });
    const reports = IDS.map((id) => quote(narrow, id, 3000));
    const quotePrices = new Map([['USDC-USD', usdcAt(1, { publishTimeMs: NOW - 31_000 })]]);
    expect(codes(evaluateFeed(narrow, reports, NOW, { quotePrices }))).toEqual(['leg-skew:twap:hub']);
  });

  it('leave the source out when the leg has no usable price', () => {
    const price = ethAt(evaluateFeed(usdc, [], NOW));
    expect(codes(price)).toEqual(['quote-leg:twap:hub']);
    expect(price.votes[2]!.priceWad).toBeNull();
    expect(codes(ethAt(null))).toEqual(['quote-leg:twap:hub']);
  });

  it('a depeg shows in the pool and not in the result', () => {
    // The pool still says 3000 USDC, but a USDC is worth 0.9: its vote is 2700 USD.
    const price = ethAt(usdcAt(0.9), [3000, 3001, 3000]);
    expect(codes(price)).toEqual(['deviation:twap:hub']);
    expect(Number(price.market!.priceWad) / 1e18).toBe(3000);
  });
});
