import { MS_PER_HOUR } from '../../risk/units/time.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { SortedWindow } from '../features/sorted-window.ts';

export const REGIME_WINDOW_ROWS = 8760;
export const REGIME_QUANTILE = 0.9;
export const REGIME_HOURS = 24;
const REFRESH_HOURS = 6;

/**
 * The high-volatility regime: 24 h variance above the 90 % quantile of the trailing 8760 hourly values of the 24 h
 * variance, all ended by the decision time; refreshed when the decision hour divides by six.
 */
export class Regime {
  /** Threshold in force at the last row; NaN until the window is full. */
  threshold = Number.NaN;
  /** 24 h variance ended by the last row. */
  present = Number.NaN;
  private readonly window = new SortedWindow(REGIME_WINDOW_ROWS);

  step(grid: HourlyGrid, i: number): void {
    this.present = grid.variance.trail(i, REGIME_HOURS);
    if (Number.isNaN(this.present)) return;
    this.window.push(this.present);
    if (!this.window.full) return;
    const due = Math.round(grid.decisionMs(i) / MS_PER_HOUR) % REFRESH_HOURS === 0;
    if (due || Number.isNaN(this.threshold)) this.threshold = this.window.quantile(REGIME_QUANTILE);
  }

  /** Whether the present is still calm: at or below the threshold. */
  get calm(): boolean {
    return this.present <= this.threshold;
  }
}
