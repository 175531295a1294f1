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

/** The last 30 days of the model that serves, at this horizon (models/calibration/calibration-state.ts). */
export interface CalibrationWatch {
  readonly state: 'ok' | 'drifting' | 'unknown';
  readonly reasons: readonly string[];
  /** Resolved hours of the 720. */
  readonly hours: number;
  /** Share of outcomes at or below quantile p as it was issued; empty without hours. */
  readonly coverage: readonly { readonly p: number; readonly share: number }[];
  /** Mean QLIKE over that of logHARX168 on the same hours, and the Diebold-Mariano t; null where it is not compared. */
  readonly benchmark: { readonly hours: number; readonly ratio: number; readonly t: number } | null;
  /** Population stability of the inputs; null for a model that does not watch them. */
  readonly inputs: {
    readonly rows: number;
    readonly columns: number;
    readonly beyond: number;
    readonly worst: { readonly column: string; readonly psi: number; readonly limit: number };
  } | null;
}

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
  /** Why better models do not serve, each by name; null when the best one does. Absent in forecasts of old. */
  readonly fallbackReason?: string | null;
  readonly calibration: {
    /** Rows behind the level calibration and the residual quantiles. */
    readonly rows: number;
    /** Mean ratio (mean forecasts) that was applied. */
    readonly levelRatio: number;
    /** Share of the last 30 days' outcomes at or below the 0.9 quantile; null before there are any. */
    readonly coverage90: number | null;
    /** How the serving model did lately; absent in forecasts of old. */
    readonly watch?: CalibrationWatch;
  };
  /** Why it must not lower a margin; empty for a fresh, calibrated forecast. */
  readonly limitations: readonly { readonly code: string; readonly message: string }[];
}
