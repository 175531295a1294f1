import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromScore, NORMAL_SCORES, toScore } from '../../../models/calibration/score-map.ts';
import { QUANTILE_LEVELS } from '../../../models/forecast.ts';

const knots = fc
  .tuple(
    fc.double({ min: -15, max: -5, noNaN: true }),
    fc.array(fc.double({ min: 0.01, max: 2, noNaN: true }), { minLength: 8, maxLength: 8 }),
  )
  .map(([first, gaps]) => {
    const list = [first];
    for (const gap of gaps) list.push(list.at(-1)! + gap);
    return list;
  });

describe('scores under a forecast of its own quantiles', () => {
  it('takes the quantiles to normal scores and back, keeping order', () => {
    fc.assert(
      fc.property(
        knots,
        fc.double({ min: -6, max: 6, noNaN: true }),
        fc.double({ min: -6, max: 6, noNaN: true }),
        (q, a, b) => {
          q.forEach((knot, k) => {
            expect(toScore(q, knot)).toBeCloseTo(NORMAL_SCORES[k]!, 9);
            expect(fromScore(q, NORMAL_SCORES[k]!)).toBeCloseTo(knot, 9);
          });
          expect(toScore(q, fromScore(q, a))).toBeCloseTo(a, 8);
          if (a < b) expect(fromScore(q, a)).toBeLessThanOrEqual(fromScore(q, b));
        },
      ),
    );
  });

  it('has one score per level: the standard normal quantiles', () => {
    expect(NORMAL_SCORES).toHaveLength(QUANTILE_LEVELS.length);
    // Abramowitz and Stegun 7.1.26 for the normal distribution function, error below 1.5e-7.
    const cdf = (x: number) => {
      const z = Math.abs(x) / Math.SQRT2;
      const t = 1 / (1 + 0.3275911 * z);
      const poly =
        t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
      const erf = 1 - poly * Math.exp(-z * z);
      return x < 0 ? (1 - erf) / 2 : (1 + erf) / 2;
    };
    NORMAL_SCORES.forEach((score, k) => {
      expect(cdf(score)).toBeCloseTo(QUANTILE_LEVELS[k]!, 6);
    });
  });
});
