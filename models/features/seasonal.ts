import { MS_PER_HOUR } from '../../risk/units/time.ts';

export const SEASONAL_CELLS = 48;
const EPOCH_WEEKDAY = 4; // 1970-01-01 was a Thursday

/** Cell of an hour in the 48-cell season: hour of the day (UTC), doubled for Saturday and Sunday. */
export function seasonalCell(tsMs: number): number {
  const hours = Math.floor(tsMs / MS_PER_HOUR);
  const weekday = (Math.floor(hours / 24) + EPOCH_WEEKDAY) % 7;
  return (hours % 24) + (weekday === 0 || weekday === 6 ? 24 : 0);
}

/** Mean of `values` per cell; a cell without values gets the mean of all. Never below 1e-12. */
export function seasonalMeans(values: Float64Array, cells: Uint8Array): Float64Array {
  const sums = new Float64Array(SEASONAL_CELLS);
  const counts = new Float64Array(SEASONAL_CELLS);
  let total = 0;
  for (let t = 0; t < values.length; t++) {
    const cell = cells[t]!;
    sums[cell] = sums[cell]! + values[t]!;
    counts[cell] = counts[cell]! + 1;
    total += values[t]!;
  }
  return sums.map((sum, cell) =>
    Math.max(counts[cell]! > 0 ? sum / counts[cell]! : total / values.length, 1e-12),
  );
}
