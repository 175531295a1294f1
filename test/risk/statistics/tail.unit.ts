import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cornishFisherVar,
  cumulants,
  type DeltaGamma,
  deltaGammaNormalVar,
  diagonalise,
  saddlepointVar,
} from '../../../risk/statistics/delta-gamma.ts';
import { filteredReturns, historicalTail } from '../../../risk/statistics/historical.ts';
import {
  apply,
  flatten,
  multiply,
  symmetricEigen,
  symmetricRoot,
  transpose,
} from '../../../risk/statistics/matrix.ts';
import { inverseNormal } from '../../../risk/statistics/normal.ts';
import { ledoitWolf, oracleApproximating } from '../../../risk/statistics/shrinkage.ts';
import {
  binomialCumulative,
  overlappingTrafficLight,
  trafficLight,
} from '../../../risk/statistics/traffic-light.ts';

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true });

describe('historical tail', () => {
  it('takes the ceil(n p)-th smallest and the mean up to it', () => {
    const pnl = [5, -3, 1, -10, 2, 0, -1, 4, 3, -2];
    expect(historicalTail(pnl, 0.1)).toEqual({ quantile: -10, expectedShortfall: -10 });
    expect(historicalTail(pnl, 0.2)).toEqual({ quantile: -3, expectedShortfall: -6.5 });
    expect(historicalTail(pnl, 0.21).quantile).toBe(-2);
    expect(historicalTail([1, 1, 1], 1)).toEqual({ quantile: 1, expectedShortfall: 1 });
  });

  it('never has ES above VaR and does not depend on order', () => {
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0.001, max: 1, noNaN: true }),
        (pnl, p) => {
          const tail = historicalTail(pnl, p);
          expect(tail.expectedShortfall).toBeLessThanOrEqual(tail.quantile + 1e-9 * Math.abs(tail.quantile));
          expect(historicalTail([...pnl].reverse(), p).quantile).toBe(tail.quantile);
        },
      ),
    );
  });

  it('refuses what has no tail', () => {
    expect(() => historicalTail([], 0.1)).toThrow(/^pnl/);
    expect(() => historicalTail([1, Number.NaN], 0.1)).toThrow(/^pnl/);
    expect(() => historicalTail([1], 0)).toThrow(/^p: /);
    expect(() => filteredReturns([1], [1, 2], 1)).toThrow(/^volatilities/);
    expect(() => filteredReturns([1], [0], 1)).toThrow(/^volatilities\[0\]/);
  });

  it('rescales each return to the volatility of today', () => {
    expect([...filteredReturns([0.02, -0.06], [0.01, 0.03], 0.05)]).toEqual([0.1, -0.1]);
  });
});

describe('delta-gamma', () => {
  const book: DeltaGamma = {
    delta: Float64Array.of(3, -1),
    gamma: flatten([
      [0.4, 0.1],
      [0.1, -0.3],
    ]),
    omega: flatten([
      [1, 0.5],
      [0.5, 2],
    ]),
  };

  it('has the cumulants of its independent terms', () => {
    const { linear, quadratic } = diagonalise(book);
    const [mean, variance, third] = cumulants(book, 3);
    const sum = (term: (a: number, l: number) => number) =>
      linear.reduce((total, a, i) => total + term(a, quadratic[i]!), 0);
    expect(mean).toBeCloseTo(
      sum((_, l) => l / 2),
      12,
    );
    expect(variance).toBeCloseTo(
      sum((a, l) => a * a + (l * l) / 2),
      12,
    );
    expect(third).toBeCloseTo(
      sum((a, l) => 3 * a * a * l + l ** 3),
      12,
    );
  });

  it('is normal without gamma, by every method', () => {
    const flat = { ...book, gamma: new Float64Array(4) };
    const exact = Math.sqrt(9 - 3 + 2) * inverseNormal(0.99);
    for (const method of [deltaGammaNormalVar, cornishFisherVar, saddlepointVar]) {
      expect(method(flat, 0.99)).toBeCloseTo(exact, 9);
      expect(method(flat, 0.01)).toBeCloseTo(-exact, 9);
    }
  });

  it('has a saddlepoint that is monotone in p and near the exact chi-square', () => {
    const square: DeltaGamma = {
      delta: Float64Array.of(0),
      gamma: Float64Array.of(2),
      omega: Float64Array.of(1),
    };
    const exact = inverseNormal(0.995) ** 2;
    expect(Math.abs(saddlepointVar(square, 0.99) / exact - 1)).toBeLessThan(0.01);
    const quantiles = [0.01, 0.1, 0.5, 0.9, 0.99].map((p) => saddlepointVar(book, p));
    expect([...quantiles].sort((a, b) => a - b)).toEqual(quantiles);
  });
});

describe('matrices', () => {
  it('have eigenvectors that give the matrix back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 16, maxLength: 16 }),
        (entries) => {
          const raw = Float64Array.from(entries);
          const matrix = multiply(raw, transpose(raw, 4), 4);
          const { values, vectors } = symmetricEigen(matrix, 4);
          for (let k = 0; k < 4; k++) {
            const vector = Float64Array.from({ length: 4 }, (_, i) => vectors[i * 4 + k]!);
            apply(matrix, vector).forEach((value, i) => {
              expect(value).toBeCloseTo(values[k]! * vector[i]!, 9);
            });
          }
          const root = symmetricRoot(matrix, 4);
          multiply(root, transpose(root, 4), 4).forEach((value, i) => {
            expect(value).toBeCloseTo(matrix[i]!, 9);
          });
        },
      ),
    );
  });
});

describe('shrinkage', () => {
  it('keeps the trace, stays within [0, 1] and refuses ragged data', () => {
    const rows = [
      [1, 2, 0.5],
      [0, -1, 2],
      [3, 1, 1],
      [-2, 0, 0.3],
    ];
    for (const estimate of [ledoitWolf(rows), oracleApproximating(rows)]) {
      expect(estimate.shrinkage).toBeGreaterThan(0);
      expect(estimate.shrinkage).toBeLessThanOrEqual(1);
      const trace = estimate.covariance.reduce((sum, row, i) => sum + row[i]!, 0);
      expect(trace).toBeCloseTo(3.25 + 1.25 + 0.4325, 2);
    }
    expect(() => ledoitWolf([[1, 2], [1]])).toThrow(/^rows\[1\]/);
    expect(() => ledoitWolf([[1]])).toThrow(/^rows/);
  });
});

describe('traffic light', () => {
  it('is Basel’s 4 and 9 for 250 days at 99 %', () => {
    expect(trafficLight(250, 0.99)).toEqual({ maxGreen: 4, maxAmber: 9 });
    expect(binomialCumulative(250, 0.01)[0]).toBeCloseTo(0.99 ** 250, 12);
    expect(() => trafficLight(0, 0.99)).toThrow(/^observations/);
  });

  it('is wider for overlapping days, and the same for the same seed', () => {
    const input = {
      observations: [250],
      days: 10,
      confidence: 0.99,
      portfolios: 1,
      correlation: 0,
      paths: 4000,
      seed: 3,
    };
    const [bounds] = overlappingTrafficLight(input);
    expect(bounds!.maxGreen).toBeGreaterThan(5);
    expect(overlappingTrafficLight(input)).toEqual([bounds]);
  });
});
