import type { HourlyGrid } from '../features/hourly-grid.ts';
import { SortedWindow } from '../features/sorted-window.ts';

const WINDOW_ROWS = 8760;
/** Scored outcomes the year must hold: nine tenths. */
const LEAST_ROWS = 7884;

/** Median of the realised variances Y_h of the trailing 365 days, all ended by the decision time. */
export class ReferenceVariance {
  private readonly horizonHours: number;
  private readonly window = new SortedWindow(WINDOW_ROWS);

  constructor(horizonHours: number) {
    this.horizonHours = horizonHours;
  }

  step(grid: HourlyGrid, i: number): void {
    if (i >= this.horizonHours) this.window.push(grid.outcome(i - this.horizonHours, this.horizonHours));
  }

  /** Null with less than a year of outcomes, or with more than a tenth of them missing. */
  get median(): number | null {
    return this.window.full && this.window.size >= LEAST_ROWS ? this.window.quantile(0.5) : null;
  }
}
