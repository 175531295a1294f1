import { InvalidInputError } from '../../risk/errors.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import type { HourlyBar } from '../forecast.ts';
import { garmanKlassVariance } from './garman-klass.ts';
import { SummedColumn } from './summed-column.ts';

/** A target at or below this is not scored. */
export const SMALLEST_TARGET = 1e-9;
/** Longest hole that is filled: beyond it the history before tells nothing about now. */
export const LONGEST_GAP_HOURS = 8760;
const HOURS_PER_WEEK = 168;

/**
 * One asset's hours without holes: row i is the hour opening at `firstTsMs` + i h, decided at its close. Missing
 * hours are filled flat at the last close with volume 0 and marked, so that no target containing one is scored. A bar
 * that moved without volume has an unknown one: see `usualVolume`.
 */
export class HourlyGrid {
  /** Garman-Klass variance with the open gap. */
  readonly variance = new SummedColumn();
  /** Log return close to close; 0 for the first row. */
  readonly returns = new SummedColumn();
  readonly squaredReturns = new SummedColumn();
  /** Squared returns of falling hours, 0 else. */
  readonly downSquaredReturns = new SummedColumn();
  readonly volume = new SummedColumn();
  /** 1 where the hour was missing and filled. */
  readonly missing = new SummedColumn();
  private start: UnixMs | null = null;
  private lastClose: number | null = null;

  get length(): number {
    return this.variance.length;
  }

  get firstTsMs(): UnixMs | null {
    return this.start;
  }

  /** Open time of row i. */
  tsMs(i: number): UnixMs {
    return (this.start ?? Number.NaN) + i * MS_PER_HOUR;
  }

  /** Decision time of row i: the close of its bar. */
  decisionMs(i: number): UnixMs {
    return this.tsMs(i + 1);
  }

  /** Row of a bar opening at `tsMs`; may lie outside the grid. NaN while it is empty. */
  rowOf(tsMs: UnixMs): number {
    return Math.round((tsMs - (this.start ?? Number.NaN)) / MS_PER_HOUR);
  }

  /** Appends a bar, filling the hours skipped. Throws InvalidInputError for a bar that is malformed, late or repeated. */
  push(bar: HourlyBar): void {
    checkBar(bar);
    if (this.start === null || this.lastClose === null) {
      this.start = bar.tsMs;
    } else {
      const row = this.rowOf(bar.tsMs);
      if (row < this.length)
        throw new InvalidInputError('bar.tsMs', `${bar.tsMs} does not follow the last hour`);
      if (row - this.length > LONGEST_GAP_HOURS) {
        throw new InvalidInputError('bar.tsMs', `${row - this.length} hours are missing before ${bar.tsMs}`);
      }
      while (this.length < row) this.append(0, 0, 0, 1);
    }
    const variance = garmanKlassVariance(bar.open, bar.high, bar.low, bar.close, this.lastClose);
    const r = this.lastClose === null ? 0 : Math.log(bar.close / this.lastClose);
    const known = bar.volume > 0 || bar.high === bar.low;
    this.append(variance, r, known ? bar.volume : this.usualVolume(), 0);
    this.lastClose = bar.close;
  }

  /** Y_h(i) = v(i+1) + .. + v(i+h); NaN while it is not over or when it holds a missing hour. */
  realised(i: number, horizonHours: number): number {
    const end = i + horizonHours;
    if (i < 0 || end >= this.length || this.missing.trail(end, horizonHours) !== 0) return Number.NaN;
    return this.variance.trail(end, horizonHours);
  }

  /** `realised` as it is scored: NaN unless above SMALLEST_TARGET. */
  outcome(i: number, horizonHours: number): number {
    const y = this.realised(i, horizonHours);
    return y > SMALLEST_TARGET ? y : Number.NaN;
  }

  /**
   * Volume of an hour whose price moved though no volume is given (bars built from oracle prices have none): that of
   * the same hour a week ago, so that it tells nothing new; the mean of the week where that hour had none.
   */
  private usualVolume(): number {
    const i = this.length - 1;
    const before = this.volume.at(i + 1 - HOURS_PER_WEEK);
    if (before > 0) return before;
    const hours = Math.min(HOURS_PER_WEEK, this.length);
    return hours > 0 ? this.volume.trailUpTo(i, HOURS_PER_WEEK) / hours : 0;
  }

  private append(variance: number, r: number, volume: number, missing: number): void {
    this.variance.push(variance);
    this.returns.push(r);
    this.squaredReturns.push(r * r);
    this.downSquaredReturns.push(r < 0 ? r * r : 0);
    this.volume.push(volume);
    this.missing.push(missing);
  }
}

function checkBar(bar: HourlyBar): void {
  if (!Number.isSafeInteger(bar.tsMs) || bar.tsMs % MS_PER_HOUR !== 0) {
    throw new InvalidInputError('bar.tsMs', `${bar.tsMs} is not a full hour in milliseconds`);
  }
  for (const field of ['open', 'high', 'low', 'close'] as const) {
    if (!(bar[field] > 0 && Number.isFinite(bar[field]))) {
      throw new InvalidInputError(`bar.${field}`, `${bar[field]} is not a price`, { tsMs: bar.tsMs });
    }
  }
  if (bar.high < Math.max(bar.open, bar.close))
    throw new InvalidInputError('bar.high', 'is below open or close', { tsMs: bar.tsMs });
  if (bar.low > Math.min(bar.open, bar.close))
    throw new InvalidInputError('bar.low', 'is above open or close', { tsMs: bar.tsMs });
  if (!(bar.volume >= 0 && Number.isFinite(bar.volume))) {
    throw new InvalidInputError('bar.volume', `${bar.volume} is not a volume`, { tsMs: bar.tsMs });
  }
}
