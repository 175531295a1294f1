import type { VolatilityView } from '../market/market-data.ts';
import { inverseNormal } from '../statistics/normal.ts';

/**
 * Draws realised variance by inverse transform from a forecast's quantiles: log-linear in the normal score between
 * them, continued with the slope of the outermost pair beyond them. `hours` scales the forecast horizon to another
 * one (variance grows in proportion to time).
 */
export function varianceSampler(view: VolatilityView, hours: number): (u: number) => number {
  const points = view.varianceQuantiles.map(({ p, variance }) => ({
    z: inverseNormal(p),
    log: Math.log(variance),
  }));
  const scale = hours / view.horizonHours;
  const raw = (u: number): number => {
    const z = inverseNormal(u);
    let i = 1;
    while (i < points.length - 1 && points[i]!.z < z) i++;
    const a = points[i - 1]!;
    const b = points[i]!;
    return Math.exp(a.log + ((b.log - a.log) * (z - a.z)) / (b.z - a.z));
  };
  return (u) => raw(u) * scale;
}

/** Whether the forecast can be sampled at all. */
export function isSampleable(view: VolatilityView | undefined): view is VolatilityView {
  if (!view || view.varianceQuantiles.length < 2) return false;
  return view.varianceQuantiles.every(
    ({ p, variance }, i, all) =>
      variance > 0 && Number.isFinite(variance) && p > 0 && p < 1 && (i === 0 || p > all[i - 1]!.p),
  );
}

/** The forecast whose horizon is nearest to `hours` from above, else the longest one. */
export function viewFor(
  views: ReadonlyMap<number, VolatilityView> | undefined,
  hours: number,
): VolatilityView | undefined {
  if (!views) return undefined;
  const horizons = [...views.keys()].sort((a, b) => a - b);
  const chosen = horizons.find((horizon) => horizon >= hours) ?? horizons.at(-1);
  return chosen === undefined ? undefined : views.get(chosen);
}
