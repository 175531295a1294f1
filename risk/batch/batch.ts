import { type BlockAddresses, blockAddresses } from './block-addresses.ts';
import type { Holders } from './books.ts';
import type { GridPlan } from './grid-plan.ts';
import { type BatchArrays, type BatchCounts, viewsOf } from './layout.ts';
import { type Kernel, kernelOn, type SharedMemory } from './wasm/instance.ts';

/** What another thread needs to work on the same batch; `postMessage` takes it as it is. */
export interface BatchHandle {
  readonly counts: BatchCounts;
  readonly plan: GridPlan;
  readonly memory: SharedMemory;
}

/** A batch as one thread sees it. */
export interface BatchThread extends BatchHandle {
  readonly arrays: BatchArrays;
  readonly kernel: Kernel;
  /** What the kernel takes for each block, apart from the range of accounts. */
  readonly addresses: readonly BlockAddresses[];
}

/**
 * Accounts with their positions on the scenario grid of one underlying. An account with several underlyings is in the
 * batch of each, and its losses add up, as in the scenario module.
 */
export interface Batch extends BatchThread {
  readonly handle: BatchHandle;
  readonly holders: Holders;
  /** By instrument: not 0 where the last `priceBatch` changed what its holders are margined on. */
  readonly changed: Uint8Array;
  /** By account; working space of the update. */
  readonly dirty: Uint8Array;
}

/** The batch as another thread sees it. */
export function openBatch(handle: BatchHandle): BatchThread {
  const arrays = viewsOf(handle.memory.buffer, handle.counts);
  const kernel = kernelOn(handle.memory);
  return { ...handle, arrays, kernel, addresses: blockAddresses(arrays, handle.counts, kernel) };
}
