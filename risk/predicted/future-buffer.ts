import { advanceBuffer } from '../buffer/advance.ts';
import { type BufferParameters, bufferKey } from '../buffer/parameters.ts';
import { factorsAt } from '../buffer/schedule.ts';
import { bufferTarget } from '../buffer/target.ts';
import type { MarketSnapshot, VolatilityView } from '../market/market-data.ts';
import { MS_PER_HOUR } from '../units/time.ts';

/** Buckets of the variance draw for which future buffers are tabulated. */
export const BUCKETS = 64;

/** Factors by [bucket][step], row-major, steps + 1 columns. */
export interface FutureBuffer {
  readonly initial: Float64Array;
  readonly maintenance: Float64Array;
}

/**
 * The buffer of one asset along the horizon, for each bucket of how volatile the period turns out. At the first step
 * the market has shown its volatility and the next forecast keeps it: every forecast quantile moves by the ratio of
 * drawn to median variance (no reversion assumed). From there the ordinary rules apply: initial follows at once,
 * maintenance gets its notice, falls are slow.
 */
export function futureBuffer(
  asset: string,
  market: MarketSnapshot,
  p: BufferParameters | null,
  varianceAtUniform: (u: number) => number,
  horizonHours: number,
  steps: number,
): FutureBuffer {
  const size = BUCKETS * (steps + 1);
  const initial = new Float64Array(size).fill(1);
  const maintenance = new Float64Array(size).fill(1);
  if (p === null) return { initial, maintenance };
  const now = market.asOfMs;
  const view = market.volatility.get(asset)?.get(p.horizonHours);
  const stored = market.buffers?.get(asset);
  const start =
    stored && stored.key === bufferKey(asset, p)
      ? stored
      : advanceBuffer(null, bufferTarget(asset, view, p, now), now, p);
  const stepMs = (horizonHours * MS_PER_HOUR) / steps;
  const median = varianceAtUniform(0.5);
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const ratio = varianceAtUniform((bucket + 0.5) / BUCKETS) / median;
    let schedule = start;
    for (let step = 0; step <= steps; step++) {
      const at = now + step * stepMs;
      if (step > 0) {
        const next = view ? moved(view, ratio, at) : undefined;
        schedule = advanceBuffer(schedule, bufferTarget(asset, next, p, at), at, p);
      }
      const factors = factorsAt(schedule, at);
      initial[bucket * (steps + 1) + step] = factors.initialFactor;
      maintenance[bucket * (steps + 1) + step] = factors.maintenanceFactor;
    }
  }
  return { initial, maintenance };
}

function moved(view: VolatilityView, ratio: number, asOfMs: number): VolatilityView {
  return {
    ...view,
    asOfMs,
    meanVariance: view.meanVariance * ratio,
    varianceQuantiles: view.varianceQuantiles.map(({ p, variance }) => ({ p, variance: variance * ratio })),
  };
}
