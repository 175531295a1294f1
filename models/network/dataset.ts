import type { HarxContext } from '../features/harx-columns.ts';
import { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS, type HourlyBar } from '../forecast.ts';
import { NETWORK_COLUMNS, NetworkColumns } from './network-columns.ts';

const WIDTH = NETWORK_COLUMNS.length;
const HORIZONS = HORIZONS_HOURS.length;

/** Inputs and targets of one asset's usable rows, ascending by time. */
export interface AssetRows {
  readonly asset: string;
  readonly rows: number;
  /** Decision times. */
  readonly decisionMs: Float64Array;
  /** Dense columns, row-major, as they are (not standardised). */
  readonly dense: Float32Array;
  /** Calendar cells, two per row: UTC, New York. */
  readonly cells: Uint8Array;
  /** log of the linear mean forecast, one per horizon and row. */
  readonly base: Float64Array;
  /** log Y_h - base; NaN where not scored. */
  readonly residual: Float32Array;
}

/** Walks an asset and keeps every row whose inputs are complete. Targets end within the bars given. */
export function buildRows(asset: string, bars: readonly HourlyBar[], context: HarxContext): AssetRows {
  const grid = new HourlyGrid();
  const columns = new NetworkColumns(context);
  const kept: number[] = [];
  const capacity = bars.length === 0 ? 0 : Math.round((bars.at(-1)!.tsMs - bars[0]!.tsMs) / 3_600_000) + 1;
  const dense = new Float32Array(capacity * WIDTH);
  const cells = new Uint8Array(capacity * 2);
  const base = new Float64Array(capacity * HORIZONS);
  for (const bar of bars) {
    const from = grid.length;
    grid.push(bar);
    for (let i = from; i < grid.length; i++) {
      columns.push(grid, i);
      if (!columns.complete) continue;
      const row = kept.length;
      kept.push(i);
      dense.set(columns.dense, row * WIDTH);
      base.set(columns.base, row * HORIZONS);
      cells[2 * row] = columns.utcCell;
      cells[2 * row + 1] = columns.newYorkCell;
    }
  }
  const rows = kept.length;
  const residual = new Float32Array(rows * HORIZONS);
  kept.forEach((i, row) => {
    HORIZONS_HOURS.forEach((h, k) => {
      residual[row * HORIZONS + k] = Math.log(grid.outcome(i, h)) - base[row * HORIZONS + k]!;
    });
  });
  return {
    asset,
    rows,
    decisionMs: Float64Array.from(kept, (i) => grid.decisionMs(i)),
    dense: dense.slice(0, rows * WIDTH),
    cells: cells.slice(0, rows * 2),
    base: base.slice(0, rows * HORIZONS),
    residual,
  };
}
