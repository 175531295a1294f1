import type { CalibrationState } from '../calibration/calibration-state.ts';
import type { Comparison } from '../calibration/horizon-monitor.ts';
import type { HorizonHours } from '../forecast.ts';

/** A candidate in shadow beside the artifact that serves, on one asset at one horizon. */
export interface ShadowComparison {
  readonly asset: string;
  readonly horizonHours: HorizonHours;
  /** QLIKE against the serving artifact on the hours that both forecast; null while there are none. */
  readonly against: Comparison | null;
  /** The candidate's own coverage over its last 30 days. */
  readonly calibration: CalibrationState;
}

/** Everything a decision rests on. */
export interface ShadowReview {
  /** Served versions. */
  readonly candidate: string;
  readonly serving: string;
  readonly comparisons: readonly ShadowComparison[];
}

export interface PromotionDecision {
  readonly decision: 'promoted' | 'refused' | 'waiting';
  readonly reason: string;
}

/** Hours in shadow after which the decision is made, once: three weeks. */
export const SHADOW_HOURS = 504;
/** The mean QLIKE ratio over assets and horizons must be below this. */
export const LARGEST_RATIO = 0.995;
/** No asset and horizon may be worse by more than chance: one-sided 5 %. */
export const LARGEST_T = 1.645;

/**
 * Whether a candidate may serve: after three weeks on every asset that it forecasts, its QLIKE must be lower than that of the serving
 * artifact by half a percent in the geometric mean, nowhere clearly higher (Diebold-Mariano), and its quantiles must cover.
 */
export function decidePromotion({ comparisons }: ShadowReview): PromotionDecision {
  const least = Math.min(...comparisons.map(({ against }) => against?.hours ?? 0));
  if (comparisons.length === 0 || least < SHADOW_HOURS) {
    const hours = Number.isFinite(least) ? least : 0;
    return { decision: 'waiting', reason: `${hours} of ${SHADOW_HOURS} hours in shadow` };
  }
  const name = (one: ShadowComparison) => `${one.asset} ${one.horizonHours} h`;
  const drifting = comparisons.filter(({ calibration }) => calibration !== 'ok');
  if (drifting.length > 0) {
    return { decision: 'refused', reason: `its coverage is off on ${drifting.map(name).join(', ')}` };
  }
  const worse = comparisons.filter(({ against }) => against!.t > LARGEST_T);
  if (worse.length > 0) {
    const list = worse.map((one) => `${name(one)} (t ${one.against!.t.toFixed(2)})`).join(', ');
    return { decision: 'refused', reason: `its QLIKE is higher on ${list}` };
  }
  const logs = comparisons.map(({ against }) => Math.log(against!.ratio));
  const ratio = Math.exp(logs.reduce((sum, x) => sum + x, 0) / logs.length);
  const change = `QLIKE ratio ${ratio.toFixed(4)} over ${least} hours`;
  return ratio < LARGEST_RATIO
    ? { decision: 'promoted', reason: change }
    : { decision: 'refused', reason: `${change}, needed below ${LARGEST_RATIO}` };
}
