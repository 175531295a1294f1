import { describe, expect, it } from 'vitest';
import {
  decidePromotion,
  LARGEST_RATIO,
  SHADOW_HOURS,
  type ShadowComparison,
} from '../../../models/serving/promotion.ts';

const one = (against: Partial<NonNullable<ShadowComparison['against']>>, calibration = 'ok' as const) => ({
  asset: 'BTC',
  horizonHours: 1 as const,
  against: { hours: SHADOW_HOURS, ratio: 0.97, t: -2, ...against },
  calibration: calibration as ShadowComparison['calibration'],
});
const decide = (...comparisons: ShadowComparison[]) =>
  decidePromotion({ candidate: 'b', serving: 'a', comparisons });

describe('the decision about a candidate', () => {
  it('waits until three weeks are there on every asset and horizon', () => {
    expect(decide()).toEqual({ decision: 'waiting', reason: '0 of 504 hours in shadow' });
    expect(decide(one({}), { ...one({}), against: null }).decision).toBe('waiting');
    expect(decide(one({}), one({ hours: 503 }))).toEqual({
      decision: 'waiting',
      reason: '503 of 504 hours in shadow',
    });
  });

  it('promotes what is better by half a percent in the mean and nowhere clearly worse', () => {
    expect(decide(one({}), one({ ratio: 1.01, t: 1.6 }))).toEqual({
      decision: 'promoted',
      reason: 'QLIKE ratio 0.9898 over 504 hours',
    });
    expect(decide(one({ ratio: LARGEST_RATIO }))).toEqual({
      decision: 'refused',
      reason: 'QLIKE ratio 0.9950 over 504 hours, needed below 0.995',
    });
    expect(decide(one({ ratio: Number.NaN })).decision).toBe('refused');
  });

  it('refuses what is clearly worse anywhere, and what does not cover', () => {
    expect(decide(one({ ratio: 0.5 }), one({ ratio: 1.02, t: 1.7 }))).toEqual({
      decision: 'refused',
      reason: 'its QLIKE is higher on BTC 1 h (t 1.70)',
    });
    expect(decide(one({}), { ...one({}), calibration: 'drifting' })).toEqual({
      decision: 'refused',
      reason: 'its coverage is off on BTC 1 h',
    });
    expect(decide({ ...one({}), calibration: 'unknown' }).decision).toBe('refused');
  });
});
