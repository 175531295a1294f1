import type { UnixMs } from '../risk/units/time.ts';

/** One hourly candle, stamped at its OPEN; known only at `tsMs` + 1 h. Volume in base units. */
export interface HourlyBar {
  readonly tsMs: UnixMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

export const HORIZONS_HOURS = [1, 4, 24] as const;
export type HorizonHours = (typeof HORIZONS_HOURS)[number];

/** Probabilities served with every forecast, ascending (specification: 5..99 %). */
export const QUANTILE_LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99] as const;

/** Distribution of realised variance (sum of hourly Garman-Klass variances with open gap) over the horizon. */
export interface VolatilityForecast {
  readonly asset: string;
  readonly horizonHours: HorizonHours;
  /** Decision time: the close of the last bar used. */
  readonly asOfMs: UnixMs;
  readonly meanVariance: number;
  readonly quantiles: readonly { readonly p: number; readonly variance: number }[];
  /** P(realised 24 h variance above the trailing 90 % quantile); null when history is too short. */
  readonly highVolatilityProbability: number | null;
  /** The same probability while the present is still calm; null while the regime is already high. */
  readonly onsetProbability: number | null;
  /** Trailing 365-day median of realised variance at this horizon; null with too little history. */
  readonly referenceVariance: number | null;
  /** Honest name of what made it: `logHAR`, `EWMA`, ... */
  readonly model: string;
  readonly modelVersion: string;
  readonly calibration: {
    /** Rows behind the level calibration and the residual quantiles. */
    readonly rows: number;
    /** Mean ratio (mean forecasts) that was applied. */
    readonly levelRatio: number;
    /** Share of the last 30 days' outcomes at or below the 0.9 quantile; null before there are any. */
    readonly coverage90: number | null;
  };
  /** Why it must not lower a margin; empty for a fresh, calibrated forecast. */
  readonly limitations: readonly { readonly code: string; readonly message: string }[];
}

/**
 * What every forecaster implements, the TensorFlow network included. Pure with respect to its inputs:
 * no I/O, no clock. Bars after the last one given are never seen.
 */
export interface VolatilityModel {
  readonly name: string;
  readonly version: string;
  /** Forecasts for all horizons at the close of the last bar; bars ascending by time, gaps allowed. */
  forecast(asset: string, bars: readonly HourlyBar[]): readonly VolatilityForecast[];
}
