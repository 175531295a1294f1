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
  const { assets, returns } = commonReturns(history);
  if (returns === null) {
    return {
      assets,
      values: assets.map((_, i) => assets.map((__, j) => (i === j ? 1 : DEFAULT_CORRELATION))),
    };
  }
  const columns = returns.map((series) => standardised(series));
  const values = columns.map(() => new Array<number>(assets.length).fill(0));
  for (let i = 0; i < assets.length; i++) {
    values[i]![i] = 1;
    for (let j = 0; j < i; j++) {
      const rho = product(columns[i]!, columns[j]!);
      values[i]![j] = Math.max(-1, Math.min(1, rho));
      values[j]![i] = values[i]![j]!;
    }
  }
  return { assets, values };
}

/**
 * Betas to the reference asset from the same hourly log returns: covariance with it over its variance, which is
 * correlation x volatility / volatility of the reference. null with too few common returns, without the reference, or
 * when that never moved.
 */
export function hourlyBetas(
  history: ReadonlyMap<string, readonly HourlyBar[]>,
  reference: string,
): Readonly<Record<string, number>> | null {
  const { assets, returns } = commonReturns(history);
  const market = returns === null ? null : centred(returns[assets.indexOf(reference)] ?? []);
  const variance = market === null ? 0 : product(market, market);
  if (returns === null || market === null || !(variance > 1e-24)) return null;
  return Object.fromEntries(
    assets.map((asset, i) => [
      asset,
      asset === reference ? 1 : product(centred(returns[i]!), market) / variance,
    ]),
  );
}

/** Returns over the hours that all assets have, in id order of the assets; null when those are too few. */
function commonReturns(history: ReadonlyMap<string, readonly HourlyBar[]>): {
  readonly assets: readonly string[];
  readonly returns: readonly (readonly number[])[] | null;
} {
  const assets = [...history.keys()].sort();
  const returns = assets.map((asset) => logReturns(history.get(asset)!));
  const common = [...(returns[0]?.keys() ?? [])].filter((hour) =>
    returns.every((series) => series.has(hour)),
  );
  if (common.length < LEAST_COMMON_RETURNS) return { assets, returns: null };
  return { assets, returns: returns.map((series) => common.map((hour) => series.get(hour)!)) };
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
  const values = centred(series);
  const length = Math.sqrt(product(values, values));
  return length > 1e-12 ? values.map((x) => x / length) : values.map(() => 0);
}

function centred(series: readonly number[]): readonly number[] {
  const mean = series.reduce((sum, x) => sum + x, 0) / series.length;
  return series.map((x) => x - mean);
}

function product(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, x, k) => sum + x * b[k]!, 0);
}
