import type { StoredFactorReturn } from '../../db/queries/factor-returns.ts';
import { varianceAt } from '../../risk/buffer/target.ts';
import type { FactorHistory, FactorRow } from '../../risk/market/factor-history.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';

/** A row as loaded: complete. */
export type FactorReturn = StoredFactorReturn & { readonly logReturn: number };

/** Series that the engine keeps: 24-hour returns, one begun every eight hours. */
export const FACTOR_HORIZON_HOURS = 24;
export const FACTOR_SPACING_HOURS = 8;
const ROWS_PER_DAY = 24 / FACTOR_SPACING_HOURS;
/** A simulation goes through the last year; the stressed period is looked for in all there is. */
const RECENT_ROWS = 365 * ROWS_PER_DAY;
const STRESSED_ROWS = 90 * ROWS_PER_DAY;

/**
 * Joint rows of a series, each with the volatility at the forecast's `quantile`. The stressed period is the 90 days in
 * which squared returns, each asset's relative to its mean, were largest; there is none while the series is not twice
 * as long. null without any row.
 */
export function factorHistory(series: readonly FactorReturn[], quantile: number): FactorHistory | null {
  const assets = [...new Set(series.map(({ asset }) => asset))].sort();
  const horizonHours = series[0]?.horizonHours;
  if (horizonHours === undefined) return null;
  const byTime = new Map<UnixMs, { returns: number[]; volatilities: number[] }>();
  for (const row of series) {
    const tsMs = row.asOfMs + horizonHours * MS_PER_HOUR;
    const joint = byTime.get(tsMs) ?? {
      returns: assets.map(() => Number.NaN),
      volatilities: assets.map(() => Number.NaN),
    };
    byTime.set(tsMs, joint);
    const column = assets.indexOf(row.asset);
    joint.returns[column] = row.logReturn;
    joint.volatilities[column] = volatilityOf(row, quantile);
  }
  const rows = [...byTime]
    .map(([tsMs, row]): FactorRow => ({ tsMs, ...row }))
    .sort((a, b) => a.tsMs - b.tsMs);
  return {
    assets,
    horizonHours,
    asOfMs: rows.at(-1)!.tsMs,
    rows: rows.slice(-RECENT_ROWS),
    stressed: stressedRows(rows, assets.length),
  };
}

/** NaN, which leaves the row out, for a forecast without that quantile. */
function volatilityOf(
  { asset, horizonHours, asOfMs, levels, variances, model, version }: FactorReturn,
  p: number,
) {
  const varianceQuantiles = levels.map((level, i) => ({ p: level, variance: variances[i] ?? Number.NaN }));
  const view = {
    asset,
    horizonHours,
    asOfMs,
    varianceQuantiles,
    meanVariance: Number.NaN,
    referenceVariance: null,
    model,
    modelVersion: version,
    limitations: [],
  };
  const variance = varianceAt(view, p);
  return variance === null ? Number.NaN : Math.sqrt(variance);
}

function stressedRows(rows: readonly FactorRow[], width: number): readonly FactorRow[] {
  if (rows.length < 2 * STRESSED_ROWS) return [];
  const means = Array.from({ length: width }, (_, column) => {
    const squares = rows.map(({ returns }) => returns[column]! ** 2).filter(Number.isFinite);
    return squares.reduce((sum, square) => sum + square, 0) / Math.max(1, squares.length);
  });
  const stress = rows.map(({ returns }) =>
    returns.reduce((sum, r, column) => {
      const mean = means[column]!;
      return sum + (Number.isFinite(r) && mean > 0 ? (r * r) / mean : 0);
    }, 0),
  );
  let sum = 0;
  let best = { end: STRESSED_ROWS, sum: Number.NEGATIVE_INFINITY };
  stress.forEach((value, i) => {
    sum += value - (stress[i - STRESSED_ROWS] ?? 0);
    if (i + 1 >= STRESSED_ROWS && sum > best.sum) best = { end: i + 1, sum };
  });
  return rows.slice(best.end - STRESSED_ROWS, best.end);
}
