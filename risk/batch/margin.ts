import type { Batch, BatchThread } from './batch.ts';
import { BLOCK, FACTOR_BYTES, ROW_BYTES } from './wasm/kernel.ts';

/** Accounts that go through all blocks together: their positions stay in the nearest cache. */
const TILE = 256;

/**
 * Worst loss (`arrays.loss`, not positive) and option value (`arrays.value`) of the accounts in [from, to), on what
 * `priceBatch` priced last. An account that holds an instrument without a price gets NaN. Threads may work on ranges of
 * one batch that do not overlap.
 */
export function marginAccounts(thread: BatchThread, from: number, to: number): void {
  const { arrays, counts, kernel } = thread;
  const { linear, loss, value, accountLinears, linearIds, linearSizes, linearPrices } = arrays;
  const expiries = counts.expiryStarts.length - 1;
  const options = counts.expiryStarts[expiries]!;
  for (let start = from; start < to; start += TILE) {
    const end = Math.min(to, start + TILE);
    loss.fill(0, start, end);
    for (let a = start; a < end; a++) {
      let sum = 0;
      const last = accountLinears[a + 1]!;
      for (let k = accountLinears[a]!; k < last; k++) sum += linearSizes[k]! * linearPrices[linearIds[k]!]!;
      linear[a] = sum;
    }
    for (let block = 0; block < counts.blocks; block++) {
      const pass = block < counts.markBlocks ? kernel.base : kernel.grid;
      pass(
        start * 4,
        end * 4,
        arrays.accountGroups.byteOffset,
        arrays.groupExpiries.byteOffset,
        arrays.groupStarts.byteOffset,
        arrays.positionRows.byteOffset,
        arrays.positionSizes.byteOffset,
        arrays.matrix.byteOffset + block * options * ROW_BYTES,
        arrays.factors.byteOffset + block * expiries * FACTOR_BYTES,
        arrays.columns.byteOffset + block * 2 * BLOCK * 8,
        arrays.forwardFactors.byteOffset,
        linear.byteOffset,
        value.byteOffset,
        loss.byteOffset,
      );
    }
  }
}

/** Margins again the accounts that hold an instrument marked in `batch.changed`; returns how many. */
export function marginChanged(batch: Batch): number {
  const { changed, dirty, holders, counts } = batch;
  dirty.fill(0);
  let count = 0;
  for (let instrument = 0; instrument < changed.length; instrument++) {
    if (changed[instrument] === 0) continue;
    const last = holders.starts[instrument + 1]!;
    for (let i = holders.starts[instrument]!; i < last; i++) {
      const account = holders.accounts[i]!;
      if (dirty[account] === 0) count++;
      dirty[account] = 1;
    }
  }
  for (let from = dirty.indexOf(1); from >= 0; ) {
    const gap = dirty.indexOf(0, from);
    const to = gap < 0 ? counts.accounts : gap;
    marginAccounts(batch, from, to);
    from = dirty.indexOf(1, to);
  }
  return count;
}
