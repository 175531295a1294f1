import { InvalidInputError } from '../../../risk/errors.ts';
import { MS_PER_HOUR, type UnixMs } from '../../../risk/units/time.ts';

/** Hourly history that forecasts and their calibration need before the first answer. */
export const MINIMUM_HISTORY_MONTHS = 14;

/** The same day and hour so many calendar months earlier (UTC); a day that the month lacks becomes its last. */
export function monthsBefore(timeMs: UnixMs, months: number): UnixMs {
  const date = new Date(timeMs);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() - months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** @throws InvalidInputError */
export function requireMonths(months: number): number {
  if (!Number.isInteger(months) || months < MINIMUM_HISTORY_MONTHS || months > 120) {
    throw new InvalidInputError('months', `must be a whole number from ${MINIMUM_HISTORY_MONTHS} to 120`);
  }
  return months;
}

/** @throws InvalidInputError */
export function requireFullHour(timeMs: UnixMs, field: string): UnixMs {
  if (!Number.isSafeInteger(timeMs) || timeMs <= 0 || timeMs % MS_PER_HOUR !== 0) {
    throw new InvalidInputError(field, 'must be a full hour');
  }
  return timeMs;
}

/** @throws InvalidInputError */
export function requireStep(seconds: number): number {
  if (!Number.isInteger(seconds) || seconds < 0) {
    throw new InvalidInputError('seconds', 'must be a whole number of seconds, 0 or more');
  }
  return seconds;
}

/** @throws InvalidInputError */
export function requireSeed(seed: number): number {
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new InvalidInputError('seed', 'must be a whole number, 0 or more');
  return seed;
}
