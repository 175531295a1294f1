import type { HourlyBar } from '../../models/forecast.ts';
import type { CorrelationMatrix } from '../../risk/predicted/correlation.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';

/** Fewer common returns than this (a week) say too little about how assets move together. */
export const LEAST_COMMON_RETURNS = 168;
/** Used for every pair until there are enough common returns; crypto majors have stayed near it for years. */
export const DEFAULT_CORRELATION = 0.7;

/**
 * Sample correlation of hourly log returns over the hours that all assets have in common. One set of hours for
 * all pairs keeps the matrix positive semidefinite. An asset that never moved correlates with nothing.
 */
export function hourlyCorrelation(history: ReadonlyMap<string, readonly HourlyBar[]>): CorrelationMatrix {
  const assets = [...history.keys()].sort();
  const returns = assets.map((asset) => logReturns(history.get(asset)!));
  const common = [...(returns[0]?.keys() ?? [])].filter((hour) =>
    returns.every((series) => series.has(hour)),
  );
  if (common.length < LEAST_COMMON_RETURNS) {
    return {
      assets,
      values: assets.map((_, i) => assets.map((__, j) => (i === j ? 1 : DEFAULT_CORRELATION))),
    };
  }
  const columns = returns.map((series) => standardised(common.map((hour) => series.get(hour)!)));
  const values = columns.map(() => new Array<number>(assets.length).fill(0));
  for (let i = 0; i < assets.length; i++) {
    values[i]![i] = 1;
    for (let j = 0; j < i; j++) {
      const product = columns[i]!.reduce((sum, x, k) => sum + x * columns[j]![k]!, 0);
      values[i]![j] = Math.max(-1, Math.min(1, product));
      values[j]![i] = values[i]![j]!;
    }
  }
  return { assets, values };
}

/** Close-to-close log returns by hour of the later bar; an hour after a missing bar has none. */
function logReturns(bars: readonly HourlyBar[]): Map<number, number> {
  const returns = new Map<number, number>();
  for (let i = 1; i < bars.length; i++) {
    if (bars[i]!.tsMs - bars[i - 1]!.tsMs !== MS_PER_HOUR) continue;
    returns.set(bars[i]!.tsMs, Math.log(bars[i]!.close / bars[i - 1]!.close));
  }
  return returns;
}

/** Centred and of length one, or all zeros for a series without variance. */
function standardised(series: readonly number[]): readonly number[] {
  const mean = series.reduce((sum, x) => sum + x, 0) / series.length;
  const centred = series.map((x) => x - mean);
  const length = Math.sqrt(centred.reduce((sum, x) => sum + x * x, 0));
  return length > 1e-12 ? centred.map((x) => x / length) : centred.map(() => 0);
}
