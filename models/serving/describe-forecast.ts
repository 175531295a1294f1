import type { ReferenceVariance } from '../calibration/reference-variance.ts';
import { REGIME_HOURS, type Regime } from '../calibration/regime.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import {
  type CalibrationWatch,
  HORIZONS_HOURS,
  QUANTILE_LEVELS,
  type VolatilityForecast,
} from '../forecast.ts';
import type { CalibratedModel } from './calibrated-model.ts';
import type { FitnessReason } from './fitness.ts';

/** Missing hours in the last day from which a forecast may not lower a margin. */
const MOST_MISSING_OF_DAY = 2;

export interface ForecastState {
  readonly asset: string;
  readonly grid: HourlyGrid;
  readonly serving: CalibratedModel;
  /** Index of the horizon in HORIZONS_HOURS. */
  readonly k: number;
  readonly regime: Regime;
  readonly reference: ReferenceVariance;
  /** What the models before the serving one are passed over for, best first. */
  readonly passed: readonly PassedModel[];
  readonly watch: CalibrationWatch;
}

/** A model that does not serve, and why. */
export interface PassedModel extends FitnessReason {
  readonly model: string;
}

/** The answer for one horizon at the last row. */
export function describeForecast(state: ForecastState): VolatilityForecast {
  const { asset, grid, serving, k, regime } = state;
  const horizon = serving.horizons[k]!;
  const daily = HORIZONS_HOURS.indexOf(REGIME_HOURS);
  const probability = serving.probabilityAbove(daily, regime.threshold);
  const known = Number.isFinite(probability);
  return {
    asset,
    horizonHours: HORIZONS_HOURS[k]!,
    asOfMs: grid.decisionMs(grid.length - 1),
    meanVariance: horizon.mean,
    quantiles: QUANTILE_LEVELS.map((p) => ({ p, variance: horizon.quantile(p) })),
    highVolatilityProbability: known ? probability : null,
    onsetProbability: known && regime.calm ? probability : null,
    referenceVariance: state.reference.median,
    model: serving.model.name,
    modelVersion: serving.model.version,
    fallbackReason: fallbackReason(state.passed),
    calibration: {
      rows: horizon.rows,
      levelRatio: horizon.ratio,
      coverage90: horizon.coverage90(),
      watch: state.watch,
    },
    limitations: limitations(state),
  };
}

function fallbackReason(passed: readonly PassedModel[]): string | null {
  return passed.length === 0 ? null : passed.map(({ model, message }) => `${model}: ${message}`).join('; ');
}

function limitations(state: ForecastState): { code: string; message: string }[] {
  const { grid, serving, k, passed, watch } = state;
  const found: { code: string; message: string }[] = [];
  const short = passed.find(({ code }) => code === 'short-history');
  if (short !== undefined) {
    found.push({ code: short.code, message: `${serving.model.name} serves: ${short.message}` });
  }
  if (watch.state === 'drifting') {
    found.push({
      code: 'drifting',
      message: `${serving.model.name} does not fit the last 30 days: ${watch.reasons.join('; ')}`,
    });
  }
  if (serving.outOfRange(k)) {
    found.push({
      code: 'out-of-training-range',
      message: `the present lies outside what ${serving.model.name} was fitted on; its forecast was clipped`,
    });
  }
  const missing = grid.missing.trailUpTo(grid.length - 1, 24);
  if (missing > MOST_MISSING_OF_DAY) {
    found.push({
      code: 'missing-hours',
      message: `${missing} of the last 24 hours are missing and were filled flat`,
    });
  }
  return found;
}
