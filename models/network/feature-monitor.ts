import { binOf, populationStability } from '../features/population-stability.ts';
import type { AssetRows } from './dataset.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';

/** Rows watched: 30 days. */
export const FEATURE_ROWS = 720;
const WIDTH = NETWORK_COLUMNS.length;
const BINS = 10;
/** Of the windows of the training years, this share had a smaller index than the limit of a column. */
const LIMIT_QUANTILE = 0.99;

/** What one input looked like in the training rows. */
export interface ColumnReference {
  /** Ascending inner edges of its bins (deciles, repeated ones once). */
  readonly edges: readonly number[];
  /** Share of the training rows in each bin. */
  readonly shares: readonly number[];
  /** Population stability index that 99 of 100 windows of 30 days of the training years stayed below. */
  readonly limit: number;
}

/** Population stability of the inputs of the last 30 days. */
export interface InputNumbers {
  readonly rows: number;
  readonly columns: number;
  /** Columns whose index is above their limit. */
  readonly beyond: number;
  /** The column furthest above its limit, relative to it. */
  readonly worst: { readonly column: string; readonly psi: number; readonly limit: number };
}

/** The last 720 rows of inputs, binned as the training rows were; one more row costs a binary search per column. */
export class FeatureMonitor {
  private readonly reference: readonly ColumnReference[];
  private readonly bins = new Uint8Array(FEATURE_ROWS * WIDTH);
  private readonly counts: readonly Uint16Array[];
  private pushed = 0;

  constructor(reference: readonly ColumnReference[]) {
    this.reference = reference;
    this.counts = reference.map(({ shares }) => new Uint16Array(shares.length));
  }

  push(dense: ArrayLike<number>): void {
    const slot = (this.pushed % FEATURE_ROWS) * WIDTH;
    for (let k = 0; k < WIDTH; k++) {
      const counts = this.counts[k]!;
      if (this.pushed >= FEATURE_ROWS) counts[this.bins[slot + k]!]! -= 1;
      // Training rows are kept in single precision: a repeated value must meet its edge.
      const bin = binOf(this.reference[k]!.edges, Math.fround(dense[k]!));
      this.bins[slot + k] = bin;
      counts[bin]! += 1;
    }
    this.pushed += 1;
  }

  /** Null until the window is full. */
  numbers(): InputNumbers | null {
    if (this.pushed < FEATURE_ROWS) return null;
    let beyond = 0;
    let furthest = Number.NEGATIVE_INFINITY;
    let worst = { column: '', psi: 0, limit: 0 };
    this.reference.forEach(({ shares, limit }, k) => {
      const psi = populationStability(shares, this.counts[k]!);
      if (psi > limit) beyond += 1;
      const ratio = (psi + 1e-6) / (limit + 1e-6);
      if (ratio <= furthest) return;
      furthest = ratio;
      worst = { column: NETWORK_COLUMNS[k]!, psi, limit };
    });
    return { rows: FEATURE_ROWS, columns: WIDTH, beyond, worst };
  }
}

/** References of all columns from the training rows of all assets. */
export function columnReferences(data: readonly AssetRows[]): ColumnReference[] {
  return NETWORK_COLUMNS.map((_, k) => {
    const values = data.map(({ rows, dense }) =>
      Float64Array.from({ length: rows }, (__, row) => dense[row * WIDTH + k]!),
    );
    const pooled = Float64Array.from(values.flatMap((one) => [...one])).sort();
    const edges = [
      ...new Set(
        Array.from({ length: BINS - 1 }, (__, b) => pooled[Math.floor(((b + 1) * pooled.length) / BINS)]!),
      ),
    ];
    const counts = new Float64Array(edges.length + 1);
    for (const value of pooled) counts[binOf(edges, value)]! += 1;
    // Half a count as in the index itself: a bin that training never filled has a small share, not none.
    const shares = [...counts].map((count) => (count + 0.5) / (pooled.length + 0.5 * counts.length));
    const found = values.flatMap((one) => windowIndices(one, edges, shares)).sort((a, b) => a - b);
    return { edges, shares, limit: found[Math.floor(LIMIT_QUANTILE * (found.length - 1))] ?? 0 };
  });
}

/** Indices of successive windows of 30 days. */
function windowIndices(values: Float64Array, edges: readonly number[], shares: readonly number[]): number[] {
  const found: number[] = [];
  for (let from = 0; from + FEATURE_ROWS <= values.length; from += FEATURE_ROWS) {
    const counts = new Uint16Array(shares.length);
    for (let at = from; at < from + FEATURE_ROWS; at++) counts[binOf(edges, values[at]!)]! += 1;
    found.push(populationStability(shares, counts));
  }
  return found;
}
