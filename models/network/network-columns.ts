import { HOURS_PER_WEEK, hourOfWeek } from '../baselines/expanding-regression.ts';
import { isEmploymentReportHour, newYorkHourOfWeek } from '../features/calendar.ts';
import { meanVariance, safeLog } from '../features/har-columns.ts';
import { HARX_COLUMNS, type HarxContext } from '../features/harx-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { isComplete } from '../features/row-store.ts';
import { SummedColumn } from '../features/summed-column.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { LinearHorizons } from './linear-horizons.ts';

const LAGS = 24;
const ERROR_WINDOWS = [
  [1, 3, 24, 168],
  [1, 24, 168],
  [1, 24, 168, 720],
] as const;
/** Weeks and days behind the local season of each horizon. */
const SEASON_DAYS = [[7, 28], [7, 28], []] as const;
const SEASON_WEEKS = [
  [4, 12],
  [4, 12],
  [4, 12],
] as const;

const flat = (h: number, name: string, list: readonly number[]) => list.map((n) => `${h} h: ${name} ${n}`);

/** Names of the network's dense inputs, in order. */
export const NETWORK_COLUMNS: readonly string[] = [
  ...HARX_COLUMNS,
  ...Array.from({ length: LAGS }, (_, k) => `log variance ${k} h ago less log m_24`),
  ...[3, 12, 2160, 8760].map((n) => `log m_${n} less log m_168`),
  'deviation of log variance, 24 h',
  'deviation of log variance, 168 h',
  'return 1 h, standardised',
  'return 6 h, standardised',
  ...HORIZONS_HOURS.map((h) => `${h} h: linear forecast per hour`),
  ...HORIZONS_HOURS.flatMap((h, k) => flat(h, 'mean of linear errors over', ERROR_WINDOWS[k]!)),
  ...HORIZONS_HOURS.flatMap((h, k) => flat(h, 'same hours of last days', SEASON_DAYS[k]!)),
  ...HORIZONS_HOURS.flatMap((h, k) => flat(h, 'same hours of last weeks', SEASON_WEEKS[k]!)),
  ...HORIZONS_HOURS.map((h) => `${h} h: US employment report ahead`),
];

/** Calendar cells of a row: hour of the week in UTC and in New York, of the first hour ahead. */
export const CALENDAR_CELLS = 2 * HOURS_PER_WEEK;

/**
 * What the network sees of one asset, hour by hour: the columns of logHARX168, its own walk-forward forecasts and
 * recent errors, hourly lags and the local season. All of it known at the decision time; cost per bar is constant.
 */
export class NetworkColumns {
  /** Dense columns of the last row; NaN while history is too short. */
  readonly dense = new Float64Array(NETWORK_COLUMNS.length);
  utcCell = 0;
  newYorkCell = 0;
  /** log of the calibrated linear mean forecast per horizon; the network predicts what is left over it. */
  readonly base = new Float64Array(HORIZONS_HOURS.length);
  readonly linear: LinearHorizons;
  private readonly bases = HORIZONS_HOURS.map(() => new SummedColumn());
  private readonly errors = HORIZONS_HOURS.map(() => new SummedColumn());
  private readonly logs = new SummedColumn();
  private readonly squaredLogs = new SummedColumn();

  constructor(context: HarxContext) {
    this.linear = new LinearHorizons(context);
  }

  /** Whether every input and every linear forecast of the last row is there. */
  get complete(): boolean {
    return isComplete(this.base) && isComplete(this.dense);
  }

  push(grid: HourlyGrid, i: number): void {
    this.linear.push(grid, i);
    const log = Math.max(safeLog(grid.variance.at(i)), -20);
    this.logs.push(log);
    this.squaredLogs.push(log * log);
    this.linear.horizons.forEach((horizon, k) => {
      const base = Math.log(horizon.mean);
      this.base[k] = base;
      this.bases[k]!.push(Number.isNaN(base) ? 0 : base);
      const j = i - horizon.horizonHours;
      if (j < 0) return;
      const error = Math.log(grid.outcome(j, horizon.horizonHours)) - this.bases[k]!.at(j);
      this.errors[k]!.push(Number.isNaN(error) || this.bases[k]!.at(j) === 0 ? 0 : error);
    });
    this.write(grid, i);
  }

  private write(grid: HourlyGrid, i: number): void {
    const out = this.dense;
    out.set(this.linear.model.store.row(i));
    let at = HARX_COLUMNS.length;
    const logDay = out[2]!;
    const logWeek = out[4]!;
    for (let k = 0; k < LAGS; k++) out[at++] = this.logs.at(i - k) - logDay;
    for (const n of [3, 12, 2160, 8760]) out[at++] = safeLog(meanVariance(grid, i, n)) - logWeek;
    for (const n of [24, 168]) {
      const mean = this.logs.trail(i, n) / n;
      out[at++] = Math.sqrt(Math.max(0, this.squaredLogs.trail(i, n) / n - mean * mean));
    }
    const sd = Math.sqrt(Math.max(meanVariance(grid, i, 168), 1e-10));
    out[at++] = grid.returns.at(i) / sd;
    out[at++] = grid.returns.trail(i, 6) / (sd * Math.sqrt(6));
    HORIZONS_HOURS.forEach((h, k) => {
      out[at++] = this.base[k]! - Math.log(h);
    });
    HORIZONS_HOURS.forEach((h, k) => {
      for (const n of ERROR_WINDOWS[k]!) out[at++] = this.errors[k]!.trail(i - h, n) / n;
    });
    HORIZONS_HOURS.forEach((h, k) => {
      for (const n of SEASON_DAYS[k]!) out[at++] = season(grid, i, h, 24, n);
    });
    HORIZONS_HOURS.forEach((h, k) => {
      for (const n of SEASON_WEEKS[k]!) out[at++] = season(grid, i, h, 168, n);
    });
    for (const h of HORIZONS_HOURS) {
      let ahead = 0;
      for (let s = 1; s <= h; s++) if (isEmploymentReportHour(grid.tsMs(i + s))) ahead = 1;
      out[at++] = ahead;
    }
    this.utcCell = hourOfWeek(grid.tsMs(i + 1));
    this.newYorkCell = newYorkHourOfWeek(grid.tsMs(i + 1));
  }
}

/**
 * Local season of the h hours ahead: mean over the last n periods of the log variance of the same hours, less the log
 * mean variance of all those hours.
 */
function season(grid: HourlyGrid, i: number, h: number, period: number, n: number): number {
  let sum = 0;
  for (let k = 1; k <= n; k++) sum += Math.max(safeLog(grid.variance.trail(i + h - period * k, h) / h), -20);
  return sum / n - safeLog(meanVariance(grid, i, period * n));
}
