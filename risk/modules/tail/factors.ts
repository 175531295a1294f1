import { varianceAt } from '../../buffer/target.ts';
import type { FactorRow } from '../../market/factor-history.ts';
import type { MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import { MS_PER_HOUR } from '../../units/time.ts';
import { type TailParameters, tailAssetOf } from './parameters.ts';

/** Simulated log returns of the book's assets: `[sample][row * assets + asset]`. */
export interface FactorSamples {
  readonly assets: readonly string[];
  /** Past returns at the volatility of today. */
  readonly filtered: Float64Array;
  /** Past returns as they were: the long run. */
  readonly longRun: Float64Array;
  readonly stressed: Float64Array;
  readonly reasons: readonly Reason[];
}

/** Volatility of today over the horizon; a limited forecast never goes below the trailing reference. */
function sigmaToday(asset: string, market: MarketSnapshot, p: TailParameters): number | Reason {
  const view = market.volatility.get(asset)?.get(p.horizonHours);
  const refuse = (code: string, message: string): Reason => ({ code, message, subject: asset });
  if (!view) return refuse('forecast-missing', `no ${p.horizonHours} h volatility forecast for ${asset}`);
  const ageHours = (market.asOfMs - view.asOfMs) / MS_PER_HOUR;
  if (ageHours < 0 || ageHours > p.maxForecastAgeHours) {
    return refuse('forecast-stale', `the ${asset} forecast is ${ageHours.toFixed(1)} h old`);
  }
  const variance = varianceAt(view, p.quantile);
  if (variance === null)
    return refuse('forecast-invalid', `the ${asset} forecast lacks the ${p.quantile} quantile`);
  const floor = view.limitations.length > 0 ? (view.referenceVariance ?? 0) : 0;
  return Math.sqrt(Math.max(variance, floor));
}

/**
 * Samples for the assets that can be simulated, and why the others cannot. A row in which an asset has no usable
 * return or volatility is left out for all, so that rows stay joint.
 */
export function factorSamples(
  wanted: readonly string[],
  market: MarketSnapshot,
  p: TailParameters,
): { readonly samples: FactorSamples; readonly failures: ReadonlyMap<string, Reason> } {
  const failures = new Map<string, Reason>();
  const { history } = market;
  const moving = wanted.filter((asset) => !tailAssetOf(p, asset).constant);
  const fail = (asset: string, code: string, message: string) =>
    failures.set(asset, { code, message, subject: asset });
  const today = new Map<string, number>();
  for (const asset of moving) {
    if (!history || history.horizonHours !== p.horizonHours || !history.assets.includes(asset)) {
      fail(asset, 'history-missing', `no ${p.horizonHours} h return history for ${asset}`);
      continue;
    }
    if (market.asOfMs - history.asOfMs > p.maxHistoryAgeHours * MS_PER_HOUR) {
      fail(asset, 'history-stale', `the return history ends ${new Date(history.asOfMs).toISOString()}`);
      continue;
    }
    const sigma = sigmaToday(asset, market, p);
    if (typeof sigma === 'number') today.set(asset, sigma);
    else failures.set(asset, sigma);
  }
  const assets = moving.filter((asset) => today.has(asset));
  const columns = assets.map((asset) => history!.assets.indexOf(asset));
  const sound = (row: FactorRow) =>
    columns.every((c) => Number.isFinite(row.returns[c]) && (row.volatilities[c] ?? 0) > 0);
  const rows = assets.length === 0 ? [] : history!.rows.filter(sound);
  const stressedRows = assets.length === 0 ? [] : history!.stressed.filter(sound);
  if (assets.length > 0 && rows.length < p.minimumRows) {
    for (const asset of assets) {
      fail(asset, 'history-short', `${rows.length} sound rows of history, ${p.minimumRows} wanted`);
    }
    return { samples: emptySamples(), failures };
  }
  const roots = assets.map((asset) => Math.sqrt(tailAssetOf(p, asset).liquidationHours / p.horizonHours));
  const table = (from: readonly FactorRow[], filter: boolean) =>
    Float64Array.from(
      from.flatMap((row) =>
        columns.map((c, a) => {
          const scale = filter ? today.get(assets[a]!)! / row.volatilities[c]! : 1;
          return row.returns[c]! * scale * roots[a]!;
        }),
      ),
    );
  const reasons: Reason[] =
    assets.length > 0 && stressedRows.length === 0
      ? [{ code: 'stress-missing', message: 'no stressed period: the whole history stands for it' }]
      : [];
  const longRun = table(rows, false);
  return {
    samples: {
      assets,
      filtered: table(rows, true),
      longRun,
      stressed: stressedRows.length > 0 ? table(stressedRows, false) : longRun,
      reasons,
    },
    failures,
  };
}

export function emptySamples(): FactorSamples {
  const none = new Float64Array(0);
  return { assets: [], filtered: none, longRun: none, stressed: none, reasons: [] };
}
