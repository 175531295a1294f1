import { describe, expect, it } from 'vitest';
import { erfc, inverseNormal, normalCdf, normalPdf } from '../../../risk/statistics/normal.ts';

/** Values of Python's math.erfc and statistics.NormalDist().inv_cdf. */
const ERFC = [
  [-3, 1.9999779095030015],
  [0.1, 0.8875370839817152],
  [0.47, 0.5062549491139179],
  [1, 0.15729920705028513],
  [2.5, 0.0004069520174449589],
  [4.1, 6.700027654084918e-9],
  [10, 2.088487583762545e-45],
  [26, 5.663192408856143e-296],
] as const;
const INVERSE = [
  [1e-300, -37.0470962993612],
  [1e-5, -4.2648907939228256],
  [0.05, -1.6448536269514726],
  [0.77, 0.7388468491852137],
  [0.99, 2.3263478740408408],
] as const;

describe('normal distribution', () => {
  it.each(ERFC)('erfc(%d)', (x, expected) => {
    expect(Math.abs(erfc(x) / expected - 1)).toBeLessThan(1e-15);
  });

  it.each(INVERSE)('inverse at %d', (p, expected) => {
    expect(Math.abs(inverseNormal(p) / expected - 1)).toBeLessThan(1e-15);
  });

  it('inverts, is symmetric and has the right ends', () => {
    for (const x of [-8, -3, -0.2, 0, 1.7]) expect(inverseNormal(normalCdf(x))).toBeCloseTo(x, 12);
    expect(normalCdf(1.3) + normalCdf(-1.3)).toBeCloseTo(1, 15);
    expect(normalPdf(0)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 16);
    expect(inverseNormal(0)).toBe(Number.NEGATIVE_INFINITY);
    expect(inverseNormal(1)).toBe(Number.POSITIVE_INFINITY);
    expect(inverseNormal(1.1)).toBeNaN();
    expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(Number.POSITIVE_INFINITY)]).toEqual([0, 1]);
  });
});
