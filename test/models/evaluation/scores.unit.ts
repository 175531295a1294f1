import { describe, expect, it } from 'vitest';
import { classify } from '../../../models/evaluation/classification.ts';
import {
  dieboldMariano,
  meanSquaredError,
  neweyWestLags,
  qlike,
  rSquared,
} from '../../../models/evaluation/scores.ts';

describe('scores', () => {
  it('QLIKE is zero at the truth and punishes too low more than too high', () => {
    expect(qlike(2, 2)).toBe(0);
    expect(qlike(2, 1)).toBeCloseTo(2 - Math.LN2 - 1, 14);
    expect(qlike(1, 2)).toBeCloseTo(0.5 + Math.LN2 - 1, 14);
  });

  it('R2 and MSE by hand', () => {
    expect(rSquared([1, 2, 3], [1, 2, 4])).toBeCloseTo(0.5, 14);
    expect(meanSquaredError([1, 2, 3], [1, 2, 4])).toBeCloseTo(1 / 3, 14);
  });

  it('Diebold-Mariano by hand, without and with lags', () => {
    // Differences 1, -1, 2, 0: mean 0.5, deviations .5, -1.5, 1.5, -.5; variance 5/4.
    expect(dieboldMariano([1, 0, 2, 0], [0, 1, 0, 0], 0)).toBeCloseTo(0.5 / Math.sqrt(1.25 / 4), 14);
    // First autocovariance (-.75 - 2.25 - .75) / 4 = -.9375 with weight 1/2, twice.
    expect(dieboldMariano([1, 0, 2, 0], [0, 1, 0, 0], 1)).toBeCloseTo(
      0.5 / Math.sqrt((1.25 - 0.9375) / 4),
      14,
    );
    expect(dieboldMariano([1, 2], [1, 2], 1)).toBe(0);
    expect([1, 4, 24].map(neweyWestLags)).toEqual([27, 36, 96]);
  });

  it('classification by hand, with a tie', () => {
    const scores = classify([0.9, 0.8, 0.8, 0.3, 0.1], [1, 1, 0, 0, 1]);
    // Pairs: .9 beats both others; .8 ties one and beats one; .1 loses both: (2 + 1.5 + 0) / 6.
    expect(scores.auc).toBeCloseTo(3.5 / 6, 14);
    // Recall 2/3 after the tie, 1 only at the end: 3 of 5.
    expect(scores.precisionAt80Recall).toBeCloseTo(0.6, 14);
    const brier = (0.01 + 0.04 + 0.64 + 0.09 + 0.81) / 5;
    expect(scores.brierSkill).toBeCloseTo(1 - brier / (0.6 * 0.4), 14);
    expect(classify([0.5], [1]).auc).toBeNaN();
  });
});
