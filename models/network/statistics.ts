/** Mean and deviation of every dense column, from the training rows alone. */
export interface ColumnStatistics {
  readonly mean: Float64Array;
  readonly deviation: Float64Array;
}

/** Standardised inputs are kept within this many deviations. */
export const LARGEST_INPUT = 5;

/** Statistics of the chosen rows of row-major data; a constant column gets deviation 1. */
export function columnStatistics(
  parts: readonly { readonly dense: Float32Array; readonly rows: Uint32Array }[],
  width: number,
): ColumnStatistics {
  const sum = new Float64Array(width);
  const square = new Float64Array(width);
  let n = 0;
  // Two passes: means first, so that deviations do not suffer from large means.
  for (const { dense, rows } of parts) {
    for (const row of rows) for (let k = 0; k < width; k++) sum[k] = sum[k]! + dense[row * width + k]!;
    n += rows.length;
  }
  const mean = sum.map((value) => value / n);
  for (const { dense, rows } of parts) {
    for (const row of rows) {
      for (let k = 0; k < width; k++) square[k] = square[k]! + (dense[row * width + k]! - mean[k]!) ** 2;
    }
  }
  return { mean, deviation: square.map((value) => (value > n * 1e-12 ? Math.sqrt(value / n) : 1)) };
}

/** Writes one standardised row into `out` at `outRow`. */
export function standardise(
  statistics: ColumnStatistics,
  dense: ArrayLike<number>,
  row: number,
  out: Float32Array,
  outRow: number,
): void {
  const width = statistics.mean.length;
  for (let k = 0; k < width; k++) {
    const z = (dense[row * width + k]! - statistics.mean[k]!) / statistics.deviation[k]!;
    out[outRow * width + k] = Math.min(Math.max(z, -LARGEST_INPUT), LARGEST_INPUT);
  }
}
