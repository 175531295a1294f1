import type { HourlyBar } from '../forecast.ts';

const FIELDS = ['tsMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Whether `bars` begins with all of `earlier`, bar for bar. */
export function extendsHistory(earlier: readonly HourlyBar[], bars: readonly HourlyBar[]): boolean {
  if (bars.length < earlier.length) return false;
  return earlier.every(
    (bar, at) => bar === bars[at] || FIELDS.every((field) => bar[field] === bars[at]![field]),
  );
}
