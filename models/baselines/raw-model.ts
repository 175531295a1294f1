import type { HourlyGrid } from '../features/hourly-grid.ts';

/** Forecasts of one row before level calibration, one number per horizon of HORIZONS_HOURS; NaN where there is none. */
export interface RawForecasts {
  /** Forecast of the mean of Y_h. */
  readonly mean: Float64Array;
  /** Forecast of log Y_h. */
  readonly log: Float64Array;
  /** True where the present lies outside what the model was fitted on. */
  readonly outOfRange: readonly boolean[];
  /** The model's own quantiles of log Y_h at QUANTILE_LEVELS per horizon, where it has any. */
  readonly knots?: readonly Float64Array[];
  /** Another model's probabilities of Y_h above a level, pooled with the model's own. */
  readonly beside?: OddsBeside;
}

/** Linear pool of probabilities: `ownShare` of the model's own, the rest of the other model's, per horizon. */
export interface OddsBeside {
  readonly ownShare: number;
  /** As of the row last pushed; NaN where the other model has none, and the own one stands alone. */
  readonly horizons: readonly { probabilityAbove(y: number): number }[];
}

/** A model that walks forward: it sees row i of the grid, and the outcomes of rows j with j + h <= i, nothing later. */
export interface RawModel {
  readonly name: string;
  readonly version: string;
  /** Called once per row, in order, after the grid holds row i. The result is reused by the next call. */
  push(grid: HourlyGrid, i: number): RawForecasts;
}

/** Row results to be overwritten by each push. */
export function emptyForecasts(horizons: number): {
  mean: Float64Array;
  log: Float64Array;
  outOfRange: boolean[];
} {
  return {
    mean: new Float64Array(horizons).fill(Number.NaN),
    log: new Float64Array(horizons).fill(Number.NaN),
    outOfRange: new Array<boolean>(horizons).fill(false),
  };
}
