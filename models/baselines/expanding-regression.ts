import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { Column } from '../features/column.ts';
import { ColumnRange } from '../features/column-range.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { isComplete, type RowStore } from '../features/row-store.ts';

import { evaluateFit, type LinearFit, NormalEquations } from './normal-equations.ts';

export const FIRST_REFIT_ROW = 8760;
export const REFIT_EVERY_ROWS = 730;
export const LEAST_USABLE_ROWS = 4000;
export const HOURS_PER_WEEK = 168;

/** Columns of a series that may begin later than the asset's own bars. */
export interface LateColumns {
  readonly columns: readonly number[];
  /** Whether the series had begun by the decision time of row i. */
  readonly begun: (grid: HourlyGrid, i: number) => boolean;
}

export interface RegressionOptions {
  readonly horizonHours: number;
  /** Ridge penalty on standardised coefficients; 0 is least squares. */
  readonly ridge: number;
  /** 168 for dummies of the hour of the week, 0 for none. */
  readonly cells: 0 | typeof HOURS_PER_WEEK;
  /**
   * Given no weight until they have the history that any fit needs, FIRST_REFIT_ROW rows. Standardised over a past in
   * which they stood still but for its last weeks, they would get coefficients out of all proportion.
   */
  readonly late?: LateColumns;
}

/** Calendar cell of a bar: floor(ts / 1 h) mod 168, ts its open time. */
export function hourOfWeek(tsMs: number): number {
  return Math.floor(tsMs / MS_PER_HOUR) % HOURS_PER_WEEK;
}

/**
 * Walk-forward regression of log(max(Y_h, 1e-12) / h) on feature rows. Refits at row 8760 and every 730 rows after,
 * on all rows j with j + h <= the refit's row (purged), if at least 4000 are usable: row complete, no missing hour in the target.
 * Fitted logs are clipped to [min - 1, max + 1] of the past targets; forecast = exp(fit) * mean(exp(residual)) * h.
 */
export class ExpandingRegression {
  /** Forecast mean of Y_h at the last row; NaN before the first refit. */
  mean = Number.NaN;
  /** Forecast of log Y_h at the last row. */
  log = Number.NaN;
  /** Whether the fitted log had to be clipped, or a column lies far beyond all rows of the fit. */
  outOfRange = false;
  private readonly store: RowStore;
  private readonly options: RegressionOptions;
  private readonly equations: NormalEquations;
  /** log target per resolved row, NaN where the row is not usable. */
  private readonly targets = new Column();
  private lowest = Number.POSITIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;
  private readonly seen: ColumnRange;
  private range: ColumnRange;
  private fit: LinearFit | null = null;
  private smearing = 1;
  private floor = 0;
  private ceiling = 0;
  /** First row at which the late columns had begun. */
  private begunRow: number | null = null;
  /** Columns without weight in the fit. */
  private without: readonly number[] = [];

  constructor(store: RowStore, options: RegressionOptions) {
    this.store = store;
    this.options = options;
    this.equations = new NormalEquations(store.width, options.cells);
    this.seen = new ColumnRange(store.width);
    this.range = this.seen.copy();
  }

  get current(): LinearFit | null {
    return this.fit;
  }

  /** Learns the outcome that ends with row i, refits when due, forecasts from row i. The store must hold row i. */
  step(grid: HourlyGrid, i: number): void {
    const { horizonHours, late } = this.options;
    if (i >= horizonHours) this.learn(grid, i - horizonHours);
    if (this.begunRow === null && late?.begun(grid, i)) this.begunRow = i;
    const due = i >= FIRST_REFIT_ROW && (i - FIRST_REFIT_ROW) % REFIT_EVERY_ROWS === 0;
    if (due && this.equations.count >= LEAST_USABLE_ROWS) this.refit(grid, i);
    const row = this.store.row(i);
    if (this.fit === null || !isComplete(row)) {
      this.mean = Number.NaN;
      this.log = Number.NaN;
      this.outOfRange = false;
      return;
    }
    const fitted = evaluateFit(this.fit, row, 0, hourOfWeek(grid.tsMs(i)));
    const log = this.clip(fitted);
    this.outOfRange = log !== fitted || this.range.excludes(row, this.without);
    this.log = log + Math.log(horizonHours);
    this.mean = Math.exp(log) * this.smearing * horizonHours;
  }

  private learn(grid: HourlyGrid, j: number): void {
    const { horizonHours } = this.options;
    const y = grid.realised(j, horizonHours);
    if (!Number.isFinite(y) || !isComplete(this.store.row(j))) {
      this.targets.push(Number.NaN);
      return;
    }
    this.seen.add(this.store.row(j));
    const target = Math.log(Math.max(y, 1e-12) / horizonHours);
    this.targets.push(target);
    this.lowest = Math.min(this.lowest, target);
    this.highest = Math.max(this.highest, target);
    this.equations.add(this.store.raw, j * this.store.width, hourOfWeek(grid.tsMs(j)), target);
  }

  private refit(grid: HourlyGrid, i: number): void {
    const grown = this.begunRow !== null && i - this.begunRow >= FIRST_REFIT_ROW;
    this.without = grown ? [] : (this.options.late?.columns ?? []);
    const fit = this.equations.solve(this.options.ridge, this.without);
    this.fit = fit;
    this.range = this.seen.copy();
    this.floor = this.lowest - 1;
    this.ceiling = this.highest + 1;
    const { raw, width } = this.store;
    let sum = 0;
    for (let j = 0; j < this.targets.length; j++) {
      const target = this.targets.at(j);
      if (Number.isNaN(target)) continue;
      sum += Math.exp(target - this.clip(evaluateFit(fit, raw, j * width, hourOfWeek(grid.tsMs(j)))));
    }
    this.smearing = sum / this.equations.count;
  }

  private clip(log: number): number {
    return Math.min(Math.max(log, this.floor), this.ceiling);
  }
}
