import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fixedPointPrice } from '../../../chains/devnet/fixed-point.ts';
import { priceAtSqrtX96, sqrtPriceX96 } from '../../../chains/devnet/pool-price.ts';

describe('the price of a pool', () => {
  it('is the square root of raw token1 per raw token0', () => {
    const even = { baseIsToken0: true, baseDecimals: 18, quoteDecimals: 18 };
    expect(sqrtPriceX96(1, even)).toBe(2n ** 96n);
    expect(sqrtPriceX96(4, even)).toBe(2n ** 97n);
    expect(sqrtPriceX96(4, { ...even, baseIsToken0: false })).toBe(2n ** 95n);
    // 2000 USDC (6 decimals) per WETH (18): 2e9 / 1e18 raw, whose root is 4.4721...e-5.
    const weth = sqrtPriceX96(2000, { ...even, quoteDecimals: 6 });
    expect(Number(weth) / 2 ** 96 / Math.sqrt(2e-9)).toBeCloseTo(1, 14);
  });

  it('comes back from its square root for every pair', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e7, noNaN: true }),
        fc.boolean(),
        fc.constantFrom(6, 8, 9, 18),
        (price, baseIsToken0, baseDecimals) => {
          const side = { baseIsToken0, baseDecimals, quoteDecimals: 6 };
          return Math.abs(priceAtSqrtX96(sqrtPriceX96(price, side), side) / price - 1) < 1e-9;
        },
      ),
    );
  });

  it('is refused unless it is a positive number', () => {
    const side = { baseIsToken0: true, baseDecimals: 8, quoteDecimals: 6 };
    for (const price of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => sqrtPriceX96(price, side, 'pools[0].targetPrice')).toThrow(
        'pools[0].targetPrice: must be',
      );
    }
  });
});

describe('a price with eight decimals', () => {
  it('is rounded to nearest and kept exact', () => {
    expect(fixedPointPrice(1.0001, 'price')).toBe(100_010_000n);
    expect(fixedPointPrice(0.000_000_014, 'price')).toBe(1n);
    expect(fixedPointPrice(90_000_000, 'price')).toBe(9_000_000_000_000_000n);
  });

  it('is refused where eight decimals cannot hold it', () => {
    for (const price of [0, -1, 1e-9, 91_000_000, Number.NaN]) {
      expect(() => fixedPointPrice(price, 'price')).toThrow(/^price: /);
    }
  });
});
