import { dieboldMariano, neweyWestLags, qlike } from '../evaluation/scores.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import type { CalibratedHorizon } from './calibrated-horizon.ts';

/** Rows watched: 30 days of hours. */
export const MONITOR_ROWS = 720;
/** Quantiles whose coverage is watched. */
export const WATCHED_LEVELS = [0.05, 0.5, 0.9, 0.95, 0.99] as const;
const LEVELS = WATCHED_LEVELS.length;

/** How issued forecasts of one horizon did over the last 30 days of resolved rows. */
export interface HorizonNumbers {
  readonly horizonHours: number;
  /** Resolved rows. */
  readonly hours: number;
  /** Share of outcomes at or below each watched quantile as it was issued. */
  readonly coverage: readonly { readonly p: number; readonly share: number }[];
  /** Mean QLIKE of the issued means; NaN without rows. */
  readonly qlike: number;
}

/** The same rows, another model. */
export interface Comparison {
  readonly hours: number;
  /** Mean QLIKE over that of the benchmark; below 1 is better. */
  readonly ratio: number;
  /** Diebold-Mariano t of the losses; positive: worse than the benchmark. */
  readonly t: number;
}

/**
 * Watches one model at one horizon: stepped once per row after its calibration, so that monitors of several models of
 * one asset hold the same rows. What it holds is what was issued at each decision time.
 */
export class HorizonMonitor {
  readonly horizonHours: number;
  private readonly losses: Float64Array;
  private readonly hits = new Uint8Array(MONITOR_ROWS * LEVELS);
  /** Means and quantiles issued at rows that wait for their outcome. */
  private readonly pending: Float64Array;
  private rows = 0;

  constructor(horizonHours: number) {
    this.horizonHours = horizonHours;
    this.losses = new Float64Array(MONITOR_ROWS).fill(Number.NaN);
    this.pending = new Float64Array((horizonHours + 1) * (LEVELS + 1)).fill(Number.NaN);
  }

  step(grid: HourlyGrid, i: number, issued: CalibratedHorizon): void {
    const j = i - this.horizonHours;
    if (j >= 0) this.resolve(j, grid.outcome(j, this.horizonHours));
    const at = this.slot(i);
    this.pending[at] = issued.mean;
    for (let q = 0; q < LEVELS; q++) this.pending[at + 1 + q] = issued.quantile(WATCHED_LEVELS[q]!);
  }

  numbers(): HorizonNumbers {
    const covered = new Array<number>(LEVELS).fill(0);
    let hours = 0;
    let sum = 0;
    this.losses.forEach((loss, row) => {
      if (Number.isNaN(loss)) return;
      hours += 1;
      sum += loss;
      for (let q = 0; q < LEVELS; q++) covered[q]! += this.hits[row * LEVELS + q]!;
    });
    return {
      horizonHours: this.horizonHours,
      hours,
      coverage: WATCHED_LEVELS.map((p, q) => ({ p, share: covered[q]! / hours })),
      qlike: sum / hours,
    };
  }

  /** Against another model of the same asset over the rows that both have; null with fewer than `least` of them. */
  against(benchmark: HorizonMonitor, least: number): Comparison | null {
    const own: number[] = [];
    const other: number[] = [];
    for (let age = Math.min(this.rows, MONITOR_ROWS); age > 0; age--) {
      const row = (this.rows - age) % MONITOR_ROWS;
      const a = this.losses[row]!;
      const b = benchmark.losses[row]!;
      if (Number.isNaN(a) || Number.isNaN(b)) continue;
      own.push(a);
      other.push(b);
    }
    if (own.length < least) return null;
    const total = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0);
    return {
      hours: own.length,
      ratio: total(own) / total(other),
      t: dieboldMariano(own, other, neweyWestLags(this.horizonHours)),
    };
  }

  private resolve(j: number, outcome: number): void {
    const at = this.slot(j);
    const row = this.rows % MONITOR_ROWS;
    const mean = this.pending[at]!;
    const scored = outcome > 0 && mean > 0 && Number.isFinite(this.pending[at + LEVELS]!);
    this.losses[row] = scored ? qlike(outcome, mean) : Number.NaN;
    for (let q = 0; q < LEVELS; q++) {
      this.hits[row * LEVELS + q] = outcome <= this.pending[at + 1 + q]! ? 1 : 0;
    }
    this.rows += 1;
  }

  private slot(i: number): number {
    return (i % (this.horizonHours + 1)) * (LEVELS + 1);
  }
}
