import { Column } from '../features/column.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { SummedColumn } from '../features/summed-column.ts';

/** Rows looked back on: one year of hours. */
const WINDOW_ROWS = 8760;
/** Rows of evidence that weigh as much as the doubt to begin with. */
const DOUBT_ROWS = 720;

/**
 * How much of the residual that a network predicts is borne out by an asset's own past: the slope of what was left over
 * the linear forecast, log Y - base, on the predicted shift over the trailing 8760 rows whose outcome is known, times
 * n / (n + 720), kept in [0, 1]. It starts at 0, the linear model. For assets the network was not trained on.
 */
export class ResidualTrust {
  private readonly horizonHours: number;
  private readonly base = new Column();
  private readonly shift = new Column();
  private readonly count = new SummedColumn();
  private readonly errors = new SummedColumn();
  private readonly shifts = new SummedColumn();
  private readonly products = new SummedColumn();
  private readonly squares = new SummedColumn();

  constructor(horizonHours: number) {
    this.horizonHours = horizonHours;
  }

  /** Share of the shift to believe at row i; called for every row, before `issue`. */
  share(grid: HourlyGrid, i: number): number {
    const j = i - this.horizonHours;
    if (j >= 0) this.resolve(j, grid.outcome(j, this.horizonHours));
    const last = this.count.length - 1;
    const n = this.count.trailUpTo(last, WINDOW_ROWS);
    if (n === 0) return 0;
    const of = (column: SummedColumn) => column.trailUpTo(last, WINDOW_ROWS) / n;
    const variance = of(this.squares) - of(this.shifts) ** 2;
    const slope = variance > 1e-12 ? (of(this.products) - of(this.errors) * of(this.shifts)) / variance : 0;
    return Math.min(Math.max((slope * n) / (n + DOUBT_ROWS), 0), 1);
  }

  /** Records row i's log base and the shift the network predicts over it; NaN where there is none. */
  issue(base: number, shift: number): void {
    this.base.push(base);
    this.shift.push(shift);
  }

  private resolve(j: number, outcome: number): void {
    const error = Math.log(outcome) - this.base.at(j);
    const shift = this.shift.at(j);
    const usable = Number.isFinite(error) && Number.isFinite(shift);
    this.count.push(usable ? 1 : 0);
    this.errors.push(usable ? error : 0);
    this.shifts.push(usable ? shift : 0);
    this.products.push(usable ? error * shift : 0);
    this.squares.push(usable ? shift * shift : 0);
  }
}
