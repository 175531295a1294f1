import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import type { RawModel } from '../baselines/raw-model.ts';
import { ReferenceVariance } from '../calibration/reference-variance.ts';
import type { WalkRange } from '../evaluation/walk.ts';
import { HourlyGrid } from '../features/hourly-grid.ts';
import type { HourlyBar } from '../forecast.ts';
import { longRunVolatility, MarginModel } from './margin-model.ts';
import { POLICIES, type Policy } from './policies.ts';
import { dayLoss, MARGIN_HOURS, SIDES, type Side } from './trailing-losses.ts';

const MS_PER_DAY = 24 * MS_PER_HOUR;

/** Margins of one model, side and policy, one per day; NaN where there was none. Shares of the price. */
export interface MarginSeries {
  readonly model: string;
  readonly side: Side;
  readonly policy: Policy;
  readonly margins: Float64Array;
}

/** Margins decided at 00:00 UTC and the losses of the 24 hours after. */
export interface AssetMargins {
  readonly asset: string;
  /** Decision times. */
  readonly days: readonly UnixMs[];
  /** NaN where an hour of the day is missing. */
  readonly losses: Readonly<Record<Side, Float64Array>>;
  /** Historical simulation first, then the models given, each with every policy on both sides. */
  readonly series: readonly MarginSeries[];
}

/**
 * Walks the margins of all models through the bars, one at a time: at every decision time each has seen the bars closed
 * by then and nothing else. Bars after the range only resolve its losses.
 */
export function walkMargins(
  asset: string,
  bars: readonly HourlyBar[],
  models: readonly RawModel[],
  range: WalkRange,
): AssetMargins {
  const days: UnixMs[] = [];
  for (let t = Math.ceil(range.fromMs / MS_PER_DAY) * MS_PER_DAY; t < range.toMs; t += MS_PER_DAY)
    days.push(t);
  const dayAt = new Map(days.map((t, d) => [t, d]));
  const walkers = [null, ...models].map((model) => new MarginModel(asset, model));
  const series = walkers.map(({ name }) =>
    SIDES.flatMap((side) =>
      POLICIES.map((policy) => ({
        model: name,
        side,
        policy,
        margins: new Float64Array(days.length).fill(Number.NaN),
      })),
    ),
  );
  const grid = new HourlyGrid();
  const reference = new ReferenceVariance(MARGIN_HOURS);
  for (const bar of bars) {
    if (bar.tsMs > range.toMs + MS_PER_DAY) break;
    const next = grid.length;
    grid.push(bar);
    for (let i = next; i < grid.length && grid.decisionMs(i) < range.toMs; i++) {
      reference.step(grid, i);
      const context = { referenceVariance: reference.median, longRunVolatility: longRunVolatility(grid, i) };
      const day = dayAt.get(grid.decisionMs(i));
      walkers.forEach((walker, m) => {
        if (day === undefined) {
          walker.step(grid, i, context);
          return;
        }
        walker.step(grid, i, context, (side, policy, margin) => {
          const at = SIDES.indexOf(side) * POLICIES.length + POLICIES.indexOf(policy);
          series[m]![at]!.margins[day] = margin;
        });
      });
    }
  }
  const loss = (side: Side) =>
    Float64Array.from(days, (t) => dayLoss(grid, grid.rowOf(t - MS_PER_HOUR), side));
  return { asset, days, losses: { long: loss('long'), short: loss('short') }, series: series.flat() };
}
