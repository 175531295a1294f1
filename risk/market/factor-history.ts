import type { UnixMs } from '../units/time.ts';

/** Joint log returns of all assets over one past horizon. */
export interface FactorRow {
  /** End of the horizon. */
  readonly tsMs: UnixMs;
  /** Log return per asset, in the order of `assets`. */
  readonly returns: readonly number[];
  /**
   * Volatility over the horizon (not annualised) that was forecast when the horizon began, per asset; the same
   * quantile of the forecast that today's volatility will be.
   */
  readonly volatilities: readonly number[];
}

/** Walk-forward factor returns with their then-current forecasts, from a stored series. */
export interface FactorHistory {
  readonly assets: readonly string[];
  readonly horizonHours: number;
  /** When the series was last extended. */
  readonly asOfMs: UnixMs;
  readonly rows: readonly FactorRow[];
  /** Rows of the stressed period; their returns count as they were. */
  readonly stressed: readonly FactorRow[];
}
