import type { BatchArrays, BatchCounts } from './layout.ts';
import type { Kernel, Pass } from './wasm/instance.ts';
import { FACTOR_BYTES, ROW_BYTES } from './wasm/kernel.ts';

/** The pass that a block of columns takes, and where its numbers are. */
export interface BlockAddresses {
  readonly pass: Pass;
  readonly matrix: number;
  readonly factors: number;
  readonly columns: number;
}

/** Blocks in the order in which they run: those of marks first, since the others need the value of the options. */
export function blockAddresses(
  arrays: BatchArrays,
  counts: BatchCounts,
  kernel: Kernel,
): readonly BlockAddresses[] {
  const expiries = counts.expiryStarts.length - 1;
  const options = counts.expiryStarts[expiries]!;
  return Array.from({ length: counts.blocks }, (_, block) => ({
    pass: block < counts.markBlocks ? kernel.base : kernel.grid,
    matrix: arrays.matrix.byteOffset + block * options * ROW_BYTES,
    factors: arrays.factors.byteOffset + block * expiries * FACTOR_BYTES,
    columns: arrays.columns.byteOffset + block * 2 * ROW_BYTES,
  }));
}
