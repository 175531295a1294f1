import type { Batch, BatchThread } from './batch.ts';

/** Accounts that go through all blocks together: their positions stay in the nearest cache. */
const TILE = 256;

/** Notional of perps and collateral of the accounts in [from, to), and losses back to none. */
function startAccounts({ arrays }: BatchThread, from: number, to: number): void {
  const { linear, loss, accountLinears, linearIds, linearSizes, linearPrices } = arrays;
  for (let a = from; a < to; a++) {
    let sum = 0;
    const last = accountLinears[a + 1]!;
    for (let k = accountLinears[a]!; k < last; k++) sum += linearSizes[k]! * linearPrices[linearIds[k]!]!;
    linear[a] = sum;
    loss[a] = 0;
  }
}

/**
 * Worst loss (`arrays.loss`, not positive) and option value (`arrays.value`) of the accounts in [from, to), on what
 * `priceBatch` priced last. An account that holds an instrument without a price gets NaN. Threads may work on ranges of
 * one batch that do not overlap.
 */
export function marginAccounts(thread: BatchThread, from: number, to: number): void {
  const { arrays, addresses } = thread;
  const accountGroups = arrays.accountGroups.byteOffset;
  const groupExpiries = arrays.groupExpiries.byteOffset;
  const groupStarts = arrays.groupStarts.byteOffset;
  const positionRows = arrays.positionRows.byteOffset;
  const positionSizes = arrays.positionSizes.byteOffset;
  const forwardFactors = arrays.forwardFactors.byteOffset;
  const linear = arrays.linear.byteOffset;
  const value = arrays.value.byteOffset;
  const loss = arrays.loss.byteOffset;
  for (let start = from; start < to; start += TILE) {
    const end = Math.min(to, start + TILE);
    startAccounts(thread, start, end);
    for (const { pass, matrix, factors, columns } of addresses) {
      pass(
        start * 4,
        end * 4,
        accountGroups,
        groupExpiries,
        groupStarts,
        positionRows,
        positionSizes,
        matrix,
        factors,
        columns,
        forwardFactors,
        linear,
        value,
        loss,
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
  for (let from = 0; from < counts.accounts; from++) {
    if (dirty[from] === 0) continue;
    let to = from + 1;
    while (to < counts.accounts && dirty[to] !== 0) to++;
    marginAccounts(batch, from, to);
    from = to;
  }
  return count;
}
