import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';

const DAY_MS = 24 * MS_PER_HOUR;
/** 1970-01-01 was a Thursday; 0 is Sunday. */
const weekday = (dayNumber: number) => (((dayNumber + 4) % 7) + 7) % 7;

/** Day number (since 1970) of the nth Sunday of a month (0 = January). */
function nthSunday(year: number, month: number, nth: number): number {
  const first = Date.UTC(year, month, 1) / DAY_MS;
  return first + ((7 - weekday(first)) % 7) + 7 * (nth - 1);
}

/**
 * Hours New York is behind UTC: 4 in summer (second Sunday of March 07:00 UTC to first Sunday of November 06:00 UTC,
 * the rule in force since 2007), 5 else. The day of crypto markets follows it.
 */
export function newYorkHoursBehind(tsMs: UnixMs): 4 | 5 {
  const year = new Date(tsMs).getUTCFullYear();
  const start = nthSunday(year, 2, 2) * DAY_MS + 7 * MS_PER_HOUR;
  const end = nthSunday(year, 10, 1) * DAY_MS + 6 * MS_PER_HOUR;
  return tsMs >= start && tsMs < end ? 4 : 5;
}

/** Hour of the week (0..167) on New York's clock, counted as `hourOfWeek` counts UTC. */
export function newYorkHourOfWeek(tsMs: UnixMs): number {
  return (Math.floor(tsMs / MS_PER_HOUR) - newYorkHoursBehind(tsMs) + 168) % 168;
}

/** Whether the hour opening at `tsMs` holds 8:30 New York of a month's first Friday: the US employment report. */
export function isEmploymentReportHour(tsMs: UnixMs): boolean {
  const local = tsMs - newYorkHoursBehind(tsMs) * MS_PER_HOUR;
  const day = Math.floor(local / DAY_MS);
  const hour = Math.floor((local - day * DAY_MS) / MS_PER_HOUR);
  return hour === 8 && weekday(day) === 5 && new Date(local).getUTCDate() <= 7;
}
