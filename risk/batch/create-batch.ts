import type { ScenarioPoint } from '../modules/scenario/parameters.ts';
import { type Batch, type BatchHandle, openBatch } from './batch.ts';
import { holdersOf, type PositionColumns, type SortedPositions, sortPositions } from './books.ts';
import { gridPlan } from './grid-plan.ts';
import { type BatchArrays, type BatchCounts, pagesOf } from './layout.ts';
import { sharedMemory } from './wasm/instance.ts';
import { FACTOR_BYTES, ROW_BYTES } from './wasm/kernel.ts';

export interface BatchShape {
  /** Number of options of each expiry, in the order of the chain. */
  readonly optionsByExpiry: readonly number[];
  /** Number of linear instruments; their indices follow those of the options. */
  readonly linears: number;
  readonly scenarios: readonly Pick<ScenarioPoint, 'volatility'>[];
  readonly accounts: number;
}

function expiryStartsOf(optionsByExpiry: readonly number[]): number[] {
  const starts = [0];
  for (const options of optionsByExpiry) starts.push(starts.at(-1)! + options);
  return starts;
}

/** Runs over sorted positions; `linear` sees those that are not options. */
function eachPosition(
  sorted: SortedPositions,
  expiryOf: Int32Array,
  options: number,
  option: (account: number, expiry: number, isNewGroup: boolean, i: number) => void,
  linear: (account: number, i: number) => void,
): void {
  let lastAccount = -1;
  let lastExpiry = -1;
  for (let i = 0; i < sorted.count; i++) {
    const account = sorted.account[i]!;
    const instrument = sorted.instrument[i]!;
    if (instrument >= options) {
      linear(account, i);
      continue;
    }
    const expiry = expiryOf[instrument]!;
    option(account, expiry, account !== lastAccount || expiry !== lastExpiry, i);
    lastAccount = account;
    lastExpiry = expiry;
  }
}

/**
 * Lays the positions of all accounts out in one shared memory. Nothing is priced yet.
 * @throws InvalidInputError naming a position that is not of this shape.
 */
export function createBatch(shape: BatchShape, positions: PositionColumns): Batch {
  const { accounts, linears } = shape;
  const expiryStarts = expiryStartsOf(shape.optionsByExpiry);
  const options = expiryStarts.at(-1)!;
  const plan = gridPlan(shape.scenarios);
  const sorted = sortPositions(positions, accounts, options + linears);
  const expiryOf = new Int32Array(options);
  shape.optionsByExpiry.forEach((_, e) => {
    expiryOf.fill(e, expiryStarts[e]!, expiryStarts[e + 1]!);
  });
  let groups = 0;
  let linearPositions = 0;
  eachPosition(
    sorted,
    expiryOf,
    options,
    (_account, _expiry, isNewGroup) => {
      if (isNewGroup) groups++;
    },
    () => linearPositions++,
  );
  const counts: BatchCounts = {
    accounts,
    groups,
    positions: sorted.count - linearPositions,
    linearPositions,
    expiryStarts,
    linears,
    blocks: plan.blocks,
    markBlocks: plan.markBlocks,
  };
  const handle: BatchHandle = { counts, plan, memory: sharedMemory(pagesOf(counts)) };
  const thread = openBatch(handle);
  fillBooks(thread.arrays, sorted, expiryOf, options);
  return {
    ...thread,
    handle,
    holders: holdersOf(sorted, options + linears),
    changed: new Uint8Array(options + linears),
    dirty: new Uint8Array(accounts),
  };
}

function fillBooks(
  arrays: BatchArrays,
  sorted: SortedPositions,
  expiryOf: Int32Array,
  options: number,
): void {
  const { accountGroups, groupStarts, accountLinears } = arrays;
  let group = 0;
  let row = 0;
  let linear = 0;
  eachPosition(
    sorted,
    expiryOf,
    options,
    (account, expiry, isNewGroup, i) => {
      if (isNewGroup) {
        arrays.groupExpiries[group] = expiry * FACTOR_BYTES;
        groupStarts[group] = row * 4;
        accountGroups[account + 1]! += 4;
        group++;
      }
      arrays.positionRows[row] = sorted.instrument[i]! * ROW_BYTES;
      arrays.positionSizes[row] = sorted.size[i]!;
      row++;
    },
    (account, i) => {
      arrays.linearIds[linear] = sorted.instrument[i]! - options;
      arrays.linearSizes[linear] = sorted.size[i]!;
      accountLinears[account + 1]!++;
      linear++;
    },
  );
  groupStarts[group] = row * 4;
  for (let a = 1; a < accountGroups.length; a++) {
    accountGroups[a]! += accountGroups[a - 1]!;
    accountLinears[a]! += accountLinears[a - 1]!;
  }
}
