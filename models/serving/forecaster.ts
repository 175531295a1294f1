import { EWMA_FIRST_ROW, Ewma } from '../baselines/ewma.ts';
import { FIRST_REFIT_ROW } from '../baselines/expanding-regression.ts';
import { createLogHar } from '../baselines/log-har.ts';
import { LEAST_ERROR_ROWS, LEAST_LEVEL_ROWS } from '../calibration/calibrated-horizon.ts';
import { ReferenceVariance } from '../calibration/reference-variance.ts';
import { Regime } from '../calibration/regime.ts';
import { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS, type HourlyBar, type VolatilityForecast } from '../forecast.ts';
import { CalibratedModel } from './calibrated-model.ts';
import { chooseModel, compareShadow, LEAST_SERVING_ERRORS } from './choose-model.ts';
import { describeForecast, type PassedModel } from './describe-forecast.ts';
import { InsufficientHistoryError } from './errors.ts';
import type { ServedModel } from './fitness.ts';
import type { ShadowComparison } from './promotion.ts';

/** Longest horizon: its level needs one such wait, its errors a second. */
const LONGEST = 24;
/** Hours from which logHAR serves: its first refit, the level calibration, 30 days of errors. */
export const FULL_HISTORY_HOURS = FIRST_REFIT_ROW + 2 * LONGEST + LEAST_LEVEL_ROWS + LEAST_SERVING_ERRORS - 1;
/** Hours from which EWMA serves. */
export const SHORT_HISTORY_HOURS = EWMA_FIRST_ROW + 2 * LONGEST + LEAST_LEVEL_ROWS + LEAST_ERROR_ROWS - 1;

/** Walk-forward state of one asset: bars go in one by one, the forecasts at the last close come out. */
export interface Forecaster {
  readonly asset: string;
  /** Hours in the history, filled ones included. */
  readonly hours: number;
  /**
   * Appends the next hourly bar; skipped hours are filled flat. Costs microseconds, a refit (every 730 hours) some
   * milliseconds. Throws InvalidInputError for a bar that is malformed or not after the last.
   */
  push(bar: HourlyBar): void;
  /**
   * Forecasts of all horizons at the close of the last bar. Throws InsufficientHistoryError when no model has
   * enough history behind it (about 17 days).
   */
  current(): readonly VolatilityForecast[];
  /** How the model in shadow compares with the model after it, by horizon; empty without one. */
  shadow(): readonly ShadowComparison[];
}

/** logHAR, and EWMA until it is calibrated. */
export function defaultModels(): readonly ServedModel[] {
  return [createLogHar(), new Ewma()];
}

/**
 * Forecaster by the first of `models`, best first, that may serve: its inputs are fit, 30 days of calibrated errors
 * are behind it (the last resort: a week), its output is finite, and its calibration does not drift. What the models
 * before it are passed over for is the `fallbackReason`; `absent` are better models that could not even be made. When all
 * that could serve drift, the best of them does, with the limitation `drifting`. With the default models logHAR serves
 * from FULL_HISTORY_HOURS (13.3 months) on and EWMA before. Reads no clock: that the last bar is old is for the caller
 * to see in `asOfMs`.
 */
export function createForecaster(
  asset: string,
  models: readonly ServedModel[] = defaultModels(),
  absent: readonly PassedModel[] = [],
): Forecaster {
  const grid = new HourlyGrid();
  const calibrated = models.map((model) => new CalibratedModel(model, true));
  const regime = new Regime();
  const references = HORIZONS_HOURS.map((h) => new ReferenceVariance(h));
  return {
    asset,
    get hours() {
      return grid.length;
    },
    push(bar) {
      const from = grid.length;
      grid.push(bar);
      for (let i = from; i < grid.length; i++) {
        for (const model of calibrated) model.step(grid, i);
        regime.step(grid, i);
        for (const reference of references) reference.step(grid, i);
      }
    },
    current() {
      const choice = chooseModel(calibrated, grid);
      if (choice === null) throw new InsufficientHistoryError(asset, grid.length, SHORT_HISTORY_HOURS);
      const passed = [...absent, ...choice.passed];
      return HORIZONS_HOURS.map((_, k) =>
        describeForecast({
          asset,
          grid,
          serving: choice.serving,
          k,
          regime,
          reference: references[k]!,
          passed,
          watch: choice.watches[k]!,
        }),
      );
    },
    shadow: () => compareShadow(asset, calibrated),
  };
}
