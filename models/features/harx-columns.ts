import type { FundingSeries } from './funding-series.ts';
import { meanVariance, safeLog } from './har-columns.ts';
import type { HourlyGrid } from './hourly-grid.ts';

/** Series beside the asset's own bars; none may be known later than the row's decision time. */
export interface HarxContext {
  /** The other coin (BTC for ETH and SOL, ETH for BTC); null where absent. */
  readonly other: HourlyGrid | null;
  readonly funding: FundingSeries;
}

export const HARX_COLUMNS = [
  'log m_1',
  'log m_6',
  'log m_24',
  'log m_72',
  'log m_168',
  'log m_720',
  'downside share of squared returns, 24 h',
  'return 24 h, standardised',
  'fall 24 h, standardised',
  'fall 1 h, standardised',
  'fall 168 h, standardised',
  'log squared returns over range variance, 24 h',
  'log largest hour over mean, 24 h',
  'log volume 24 h over 720 h',
  'log volume 1 h over 168 h',
  'other coin: log m_1 less own',
  'other coin: log m_24 less own',
  'other coin: log m_168 less own',
  'funding, basis points',
  'funding, size',
  'funding, mean of 21 payments',
  'funding, size of that mean',
] as const;

/** Those of the funding payments, which may begin later than the asset's bars. */
export const FUNDING_COLUMNS: readonly number[] = [18, 19, 20, 21];

const WINDOWS = [1, 6, 24, 72, 168, 720] as const;

/** The columns of logHARX168 except its 167 dummies of the hour of the week, at row i. */
export function writeHarxColumns(grid: HourlyGrid, i: number, context: HarxContext, out: Float64Array): void {
  WINDOWS.forEach((n, k) => {
    out[k] = safeLog(meanVariance(grid, i, n));
  });
  const logDay = out[2]!;
  const { returns, squaredReturns, variance, volume } = grid;
  const squared24 = squaredReturns.trail(i, 24);
  const sd = Math.sqrt(Math.max(meanVariance(grid, i, 168), 1e-10));
  const day = returns.trail(i, 24);
  out[6] = grid.downSquaredReturns.trail(i, 24) / (squared24 + 1e-9);
  out[7] = day / (sd * Math.sqrt(24));
  out[8] = Math.min(day, 0) / (sd * Math.sqrt(24));
  out[9] = Math.min(returns.at(i), 0) / sd;
  out[10] = Math.min(returns.trail(i, 168), 0) / (sd * Math.sqrt(168));
  out[11] = Math.log((squared24 + 1e-9) / 24) - logDay;
  let largest = 0;
  for (let j = i - 23; j <= i; j++) largest = Math.max(largest, variance.at(j));
  out[12] = safeLog(largest) - logDay;
  out[13] = logVolume(volume.trail(i, 24), 24) - logVolume(volume.trail(i, 720), 720);
  out[14] = Math.log(volume.at(i) + 1e-6) - logVolume(volume.trail(i, 168), 168);
  [1, 24, 168].forEach((n, k) => {
    out[15 + k] = otherLess(grid, i, n, context.other);
  });
  const decisionMs = grid.decisionMs(i);
  const last = context.funding.lastBps(decisionMs);
  const recent = context.funding.recentBps(decisionMs);
  out[18] = last;
  out[19] = Math.abs(last);
  out[20] = recent;
  out[21] = Math.abs(recent);
}

/** log of the mean of volume + 1e-9 over n hours, plus 1e-9. */
function logVolume(sum: number, n: number): number {
  return Math.log(sum / n + 2e-9);
}

function otherLess(grid: HourlyGrid, i: number, n: number, other: HourlyGrid | null): number {
  if (other === null || other.length === 0) return 0;
  const row = other.rowOf(grid.tsMs(i));
  // A filled hour was not known to be one at its decision time: batch and stream must both take it as absent.
  if (other.missing.at(row) === 1) return 0;
  const difference = safeLog(meanVariance(other, row, n)) - safeLog(meanVariance(grid, i, n));
  return row < 0 || Number.isNaN(difference) ? 0 : difference;
}
