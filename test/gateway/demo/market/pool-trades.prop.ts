import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../../../gateway/demo/market/random.ts';
import { tradePool } from '../../../../gateway/demo/market/sources/pool-trades.ts';

const price = fc.double({ min: 0.01, max: 1e5, noNaN: true });
const fee = fc.constantFrom(0.0001, 0.0005, 0.003, 0.01);

describe('tradePool', () => {
  it('leaves no pool outside the band in which arbitrage does not pay', () => {
    fc.assert(
      fc.property(price, price, fee, fc.nat(), (spot, fair, feeOf, seed) => {
        const pace = { fee: feeOf, noiseTradesPerHour: 60, noiseOfFee: 3 };
        const after = tradePool(spot, fair, pace, 60, createRandom(seed, 'pool')) ?? spot;
        expect(after).toBeLessThanOrEqual(fair * (1 + feeOf));
        expect(after).toBeGreaterThanOrEqual(fair / (1 + feeOf));
      }),
    );
  });

  it('does nothing inside the band when nobody trades by chance', () => {
    const pace = { fee: 0.003, noiseTradesPerHour: 0, noiseOfFee: 1 };
    expect(tradePool(100.29, 100, pace, 3600, createRandom(1, 'pool'))).toBeNull();
    expect(tradePool(100.31, 100, pace, 3600, createRandom(1, 'pool'))).toBeCloseTo(100.3, 9);
    expect(tradePool(99, 100, pace, 3600, createRandom(1, 'pool'))).toBeCloseTo(100 / 1.003, 9);
  });
});
