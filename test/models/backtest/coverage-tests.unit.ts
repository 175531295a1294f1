import { describe, expect, it } from 'vitest';
import { testCoverage } from '../../../models/backtest/coverage-tests.ts';

const series = (n: number, hits: readonly number[]) => Array.from({ length: n }, (_, i) => hits.includes(i));

describe('coverage tests', () => {
  it('Kupiec by hand: 5 of 250 at 1 %', () => {
    const one = testCoverage(series(250, [10, 60, 110, 160, 210]), 0.01);
    const ratio = 2 * (5 * Math.log(0.02 / 0.01) + 245 * Math.log(0.98 / 0.99));
    expect(ratio).toBeCloseTo(1.9568, 3);
    // Survival of chi-square(1) at 1.9568: 0.1619.
    expect(one.kupiecP).toBeCloseTo(0.1619, 3);
    expect(one.exceedances).toBe(5);
    expect(one.tooManyP).toBeCloseTo(0.1078, 3);
    expect(one.clusteredP).toBe(1);
  });

  it("Basel's zones for 250 days: green to 4, amber from 5, red from 10", () => {
    const zone = (k: number) =>
      testCoverage(
        series(
          250,
          Array.from({ length: k }, (_, i) => 10 * i),
        ),
        0.01,
      ).zone;
    expect([0, 4, 5, 9, 10].map(zone)).toEqual(['green', 'green', 'amber', 'amber', 'red']);
  });

  it('Christoffersen by hand: two pairs of neighbours', () => {
    // 20 days, hits on 3, 4, 10, 11: transitions 00 13, 01 2, 10 2, 11 2.
    const one = testCoverage(series(20, [3, 4, 10, 11]), 0.01);
    const apart = 13 * Math.log(13 / 15) + 2 * Math.log(2 / 15) + 4 * Math.log(0.5);
    const together = 15 * Math.log(15 / 19) + 4 * Math.log(4 / 19);
    const ratio = 2 * (apart - together);
    expect(ratio).toBeCloseTo(2.21, 1);
    expect(one.independenceP).toBeGreaterThan(0.13);
    expect(one.independenceP).toBeLessThan(0.14);
    expect(one.clusteredP).toBe(one.independenceP);
  });

  it('no exceedances: too few for two sides, never too many', () => {
    const one = testCoverage(series(1000, []), 0.01);
    expect(one.kupiecP).toBeLessThan(1e-4);
    expect(one.tooManyP).toBe(1);
    expect(one.independenceP).toBe(1);
    expect(one.zone).toBe('green');
  });

  it('refuses an empty series and a level outside (0, 1)', () => {
    expect(() => testCoverage([], 0.01)).toThrow('exceeded');
    expect(() => testCoverage([true], 1)).toThrow('p: must be between 0 and 1');
  });
});
