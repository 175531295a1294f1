import { Column } from '../features/column.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { SortedWindow } from '../features/sorted-window.ts';
import { SummedColumn } from '../features/summed-column.ts';
import { fromScore, toScore } from './score-map.ts';

/** Rows behind the level calibration and the error quantiles: one year of hours. */
export const CALIBRATION_ROWS = 8760;
/** Fewer resolved rows than this calibrate nothing. */
export const LEAST_LEVEL_ROWS = 168;
/** Fewer calibrated errors than this give no quantiles. */
export const LEAST_ERROR_ROWS = 168;
/** Coverage is watched over this many rows: 30 days. */
export const COVERAGE_ROWS = 720;
const WATCHED_QUANTILE = 0.9;

/**
 * Walk-forward calibration of one model at one horizon. With Y the outcome, f the model's mean and g its log
 * forecast, at decision row i over the trailing 8760 rows j <= i - h:
 * mean forecast = f(i) * (mean Y / mean f); log forecast = g(i) + mean(log Y - g);
 * errors of the log forecasts so issued give quantiles exp(log forecast + quantile of errors). A model with quantiles
 * of its own hands them in as knots (of log Y): the errors are then scores under them, so that the shape of each
 * forecast is kept and only its calibration corrected.
 */
export class CalibratedHorizon {
  readonly horizonHours: number;
  /** Calibrated mean forecast of the last row; NaN while there is none. */
  mean = Number.NaN;
  /** Calibrated log forecast of the last row. */
  log = Number.NaN;
  /** Ratio that was applied to the mean. */
  ratio = Number.NaN;
  /** Resolved rows behind ratio and shift. */
  rows = 0;
  private readonly rawMean = new Column();
  private readonly rawLog = new Column();
  private readonly calibratedLog = new Column();
  private readonly watched = new Column();
  private readonly outcomes = new SummedColumn();
  private readonly forecasts = new SummedColumn();
  private readonly differences = new SummedColumn();
  private readonly scored = new SummedColumn();
  private readonly covered = new SummedColumn();
  private readonly watchedRows = new SummedColumn();
  private readonly errors = new SortedWindow(CALIBRATION_ROWS);
  /** Shifted knots of the rows that wait for their outcome, by row modulo the horizon + 1; null without knots. */
  private readonly pending: (Float64Array | null)[] = [];
  private knots: Float64Array | null = null;

  constructor(horizonHours: number) {
    this.horizonHours = horizonHours;
  }

  /** Resolves the row whose outcome ends with row i, then issues row i from the model's raw forecast. */
  step(grid: HourlyGrid, i: number, rawMean: number, rawLog: number, rawKnots?: Float64Array): void {
    const j = i - this.horizonHours;
    if (j >= 0) this.resolve(j, grid.outcome(j, this.horizonHours));
    this.rows = this.scored.trailUpTo(j, CALIBRATION_ROWS);
    const usable = this.rows >= LEAST_LEVEL_ROWS && rawMean > 0 && Number.isFinite(rawMean + rawLog);
    this.ratio = this.outcomes.trailUpTo(j, CALIBRATION_ROWS) / this.forecasts.trailUpTo(j, CALIBRATION_ROWS);
    this.mean = usable ? rawMean * this.ratio : Number.NaN;
    this.log = usable ? rawLog + this.differences.trailUpTo(j, CALIBRATION_ROWS) / this.rows : Number.NaN;
    const shift = this.log - rawLog;
    this.knots = rawKnots?.map((knot) => knot + shift) ?? null;
    this.pending[i % (this.horizonHours + 1)] = this.knots;
    this.rawMean.push(rawMean);
    this.rawLog.push(rawLog);
    this.calibratedLog.push(this.log);
    this.watched.push(this.quantile(WATCHED_QUANTILE));
  }

  /** Calibrated errors behind the quantiles. */
  get errorRows(): number {
    return this.errors.size;
  }

  /** Quantile p of Y_h as seen from the last row; NaN while fewer than LEAST_ERROR_ROWS errors are known. */
  quantile(p: number): number {
    if (this.errors.size < LEAST_ERROR_ROWS) return Number.NaN;
    return Math.exp(this.logOf(this.errors.quantile(p)));
  }

  /** P(Y_h > y) as seen from the last row, kept off 0 and 1 by half an observation; NaN as for `quantile`. */
  probabilityAbove(y: number): number {
    const n = this.errors.size;
    if (n < LEAST_ERROR_ROWS || Number.isNaN(this.log) || Number.isNaN(y)) return Number.NaN;
    const error = this.knots === null ? Math.log(y) - this.log : toScore(this.knots, Math.log(y));
    return (n - this.errors.countAtOrBelow(error) + 0.5) / (n + 1);
  }

  /** Share of the outcomes of the last 30 days at or below the 0.9 quantile then issued; null before there are any. */
  coverage90(): number | null {
    const last = this.covered.length - 1;
    const n = this.watchedRows.trailUpTo(last, COVERAGE_ROWS);
    return n > 0 ? this.covered.trailUpTo(last, COVERAGE_ROWS) / n : null;
  }

  /** Log outcome that has this error at the last row. */
  private logOf(error: number): number {
    return this.knots === null ? this.log + error : fromScore(this.knots, error);
  }

  private resolve(j: number, y: number): void {
    const f = this.rawMean.at(j);
    const g = this.rawLog.at(j);
    const usable = y > 0 && f > 0 && Number.isFinite(f + g);
    this.outcomes.push(usable ? y : 0);
    this.forecasts.push(usable ? f : 0);
    this.differences.push(usable ? Math.log(y) - g : 0);
    this.scored.push(usable ? 1 : 0);
    const knots = this.pending[j % (this.horizonHours + 1)] ?? null;
    this.errors.push(knots === null ? Math.log(y) - this.calibratedLog.at(j) : toScore(knots, Math.log(y)));
    const bound = this.watched.at(j);
    const watched = y > 0 && Number.isFinite(bound);
    this.watchedRows.push(watched ? 1 : 0);
    this.covered.push(watched && y <= bound ? 1 : 0);
  }
}
