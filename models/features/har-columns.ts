import type { HourlyGrid } from './hourly-grid.ts';

/** Windows of the heterogeneous autoregression: hour, day, week, month. */
export const HAR_WINDOWS_HOURS = [1, 24, 168, 720] as const;

/** Natural logarithm of max(x, 1e-10), NaN for NaN. */
export function safeLog(x: number): number {
  return Math.log(Math.max(x, 1e-10));
}

/** Mean hourly variance of the last n hours, m_n(i); NaN while there are fewer. */
export function meanVariance(grid: HourlyGrid, i: number, n: number): number {
  return grid.variance.trail(i, n) / n;
}

/** logHAR columns: log m_1, log m_24, log m_168, log m_720. */
export function writeLogHarColumns(grid: HourlyGrid, i: number, out: Float64Array): void {
  HAR_WINDOWS_HOURS.forEach((n, k) => {
    out[k] = safeLog(meanVariance(grid, i, n));
  });
}
