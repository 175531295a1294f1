import type { HourlyGrid } from '../features/hourly-grid.ts';
import { SortedWindow } from '../features/sorted-window.ts';

/** Hours over which a margin has to hold. */
export const MARGIN_HOURS = 24 as const;
/** Two years of hours: the sample behind the quantile. */
export const WINDOW_ROWS = 17_520;
/** Fewer losses than a year of hours give no margin (Basel's least observation period is a year). */
export const LEAST_ROWS = 8760;
export const CONFIDENCE = 0.99;

export const SIDES = ['long', 'short'] as const;
export type Side = (typeof SIDES)[number];

/**
 * Loss of one unit held for 24 hours from the close of row i, as a share of its price: 1 - exp(R) long, exp(R) - 1
 * short, R the log return. NaN while the day is not over or when one of its hours is missing.
 */
export function dayLoss(grid: HourlyGrid, i: number, side: Side): number {
  const end = i + MARGIN_HOURS;
  if (i < 0 || end >= grid.length || grid.missing.trail(end, MARGIN_HOURS) !== 0) return Number.NaN;
  const change = Math.expm1(grid.returns.trail(end, MARGIN_HOURS));
  return side === 'long' ? -change : change;
}

/**
 * q99 of L(j)/scale(j) over the trailing two years of hours j whose day had ended. One push per row; a row's loss
 * enters 24 rows later, by the scale that was forecast at its own time.
 */
export class TrailingLosses {
  private readonly side: Side;
  private readonly window = new SortedWindow(WINDOW_ROWS);
  private readonly waiting = new Float64Array(MARGIN_HOURS).fill(Number.NaN);

  constructor(side: Side) {
    this.side = side;
  }

  /** Takes in the row that was decided 24 rows before i, then remembers row i's scale (NaN: no forecast). */
  step(grid: HourlyGrid, i: number, scale: number): void {
    const slot = i % MARGIN_HOURS;
    this.window.push(dayLoss(grid, i - MARGIN_HOURS, this.side) / this.waiting[slot]!);
    this.waiting[slot] = scale > 0 ? scale : Number.NaN;
  }

  /** The quantile as known at the last row; NaN while fewer than LEAST_ROWS losses are known. */
  quantile(): number {
    return this.window.size >= LEAST_ROWS ? this.window.quantile(CONFIDENCE) : Number.NaN;
  }
}
