import { MS_PER_HOUR, type UnixMs } from '../../../risk/units/time.ts';
import type { RawModel } from '../../baselines/raw-model.ts';
import { ReferenceVariance } from '../../calibration/reference-variance.ts';
import type { WalkRange } from '../../evaluation/walk.ts';
import { HourlyGrid } from '../../features/hourly-grid.ts';
import type { HourlyBar } from '../../forecast.ts';
import { longRunVolatility, MarginModel } from '../margin-model.ts';
import { NAMED_POLICIES, type Policy } from '../policies.ts';
import { MARGIN_HOURS, SIDES, type Side } from '../trailing-losses.ts';

/** 99 % margins as shares of notional, one per hour. */
export interface SidePath {
  readonly initial: Float64Array;
  /** What maintenance carries: lags a rise of `initial` by the notice of the policy. */
  readonly lagged: Float64Array;
}

export interface MarginPath {
  readonly name: string;
  readonly kind: 'static' | 'dynamic' | 'predictive';
  readonly sides: Readonly<Record<Side, SidePath>>;
}

/** Prices and margins hour by hour; row r is decided at `fromMs` + r h, the close of its hour. */
export interface HourlyPaths {
  readonly fromMs: UnixMs;
  readonly rows: number;
  /** Prices of the hour that ends at the decision; NaN where the hour is missing. */
  readonly close: Float64Array;
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly margins: readonly MarginPath[];
}

const SHOWN: readonly Policy[] = ['unbuffered', ...NAMED_POLICIES];

/**
 * Margins of every hour of the range from the first at which all have one: `static`, historical simulation as it was in
 * that hour and never changed; per model, `dynamic`, its plain forecast margin, and `predictive` under each policy.
 * Null when no hour of the range has all margins.
 */
export function walkPaths(
  asset: string,
  bars: readonly HourlyBar[],
  models: readonly RawModel[],
  range: WalkRange,
): HourlyPaths | null {
  const all = Math.max(0, Math.round((range.toMs - range.fromMs) / MS_PER_HOUR));
  const column = () => new Float64Array(all).fill(Number.NaN);
  const prices = { close: column(), high: column(), low: column() };
  const walkers = [null, ...models].map((model) => new MarginModel(asset, model));
  const paths = walkers.map(() =>
    SHOWN.map(() => ({
      long: { initial: column(), lagged: column() },
      short: { initial: column(), lagged: column() },
    })),
  );
  const grid = new HourlyGrid();
  const reference = new ReferenceVariance(MARGIN_HOURS);
  for (const bar of bars) {
    if (bar.tsMs + MS_PER_HOUR >= range.toMs) break;
    const next = grid.length;
    grid.push(bar);
    for (let i = next; i < grid.length; i++) {
      reference.step(grid, i);
      const context = { referenceVariance: reference.median, longRunVolatility: longRunVolatility(grid, i) };
      const row = Math.round((grid.decisionMs(i) - range.fromMs) / MS_PER_HOUR);
      walkers.forEach((walker, m) => {
        if (row < 0) {
          walker.step(grid, i, context);
          return;
        }
        walker.step(grid, i, context, (side, policy, margin, lagged) => {
          const path = paths[m]![SHOWN.indexOf(policy)];
          if (path === undefined) return;
          path[side].initial[row] = margin;
          path[side].lagged[row] = lagged;
        });
      });
    }
    const row = Math.round((bar.tsMs + MS_PER_HOUR - range.fromMs) / MS_PER_HOUR);
    if (row < 0) continue;
    prices.close[row] = bar.close;
    prices.high[row] = bar.high;
    prices.low[row] = bar.low;
  }
  const complete = (row: number) =>
    paths.every((policies) => policies.every((path) => SIDES.every((side) => path[side].initial[row]! > 0)));
  let first = 0;
  while (first < all && !complete(first)) first += 1;
  if (first === all) return null;
  const cut = (values: Float64Array) => values.slice(first);
  const sidesOf = (path: Record<Side, SidePath>) => ({
    long: { initial: cut(path.long.initial), lagged: cut(path.long.lagged) },
    short: { initial: cut(path.short.initial), lagged: cut(path.short.lagged) },
  });
  const rows = all - first;
  const still = (side: Side) => {
    const flat = new Float64Array(rows).fill(paths[0]![0]![side].initial[first]!);
    return { initial: flat, lagged: flat };
  };
  return {
    fromMs: range.fromMs + first * MS_PER_HOUR,
    rows,
    close: cut(prices.close),
    high: cut(prices.high),
    low: cut(prices.low),
    margins: [
      { name: 'static', kind: 'static', sides: { long: still('long'), short: still('short') } },
      ...walkers.slice(1).flatMap((walker, m) =>
        SHOWN.map((policy, p) => ({
          name: policy === 'unbuffered' ? walker.name : `${walker.name}, ${policy}`,
          kind: policy === 'unbuffered' ? ('dynamic' as const) : ('predictive' as const),
          sides: sidesOf(paths[m + 1]![p]!),
        })),
      ),
    ],
  };
}
