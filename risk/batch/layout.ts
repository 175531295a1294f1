import { BLOCK, FACTOR_BYTES, ROW_BYTES } from './wasm/kernel.ts';

/** How many of each thing a batch holds. */
export interface BatchCounts {
  readonly accounts: number;
  /** Runs of one account's positions in one expiry. */
  readonly groups: number;
  /** Option positions, and positions that move one to one with spot. */
  readonly positions: number;
  readonly linearPositions: number;
  /** Options by expiry: options of expiry e are `expiryStarts[e]` to `expiryStarts[e + 1]`. */
  readonly expiryStarts: readonly number[];
  /** Perps and collateral that moves with the underlying; their indices follow those of the options. */
  readonly linears: number;
  readonly blocks: number;
  readonly markBlocks: number;
}

/**
 * Every array of a batch, as views of one shared memory. Offsets that the kernel follows are in bytes, ready to be
 * added to an address.
 */
export interface BatchArrays {
  /** 4 x first group of each account, and the end. */
  readonly accountGroups: Int32Array<SharedArrayBuffer>;
  /** `FACTOR_BYTES` x expiry of each group. */
  readonly groupExpiries: Int32Array<SharedArrayBuffer>;
  /** 4 x first position of each group, and the end. */
  readonly groupStarts: Int32Array<SharedArrayBuffer>;
  /** `ROW_BYTES` x option of each position. */
  readonly positionRows: Int32Array<SharedArrayBuffer>;
  readonly positionSizes: Float64Array<SharedArrayBuffer>;
  readonly accountLinears: Int32Array<SharedArrayBuffer>;
  readonly linearIds: Int32Array<SharedArrayBuffer>;
  readonly linearSizes: Float64Array<SharedArrayBuffer>;
  /** Quote per unit of each linear instrument. */
  readonly linearPrices: Float64Array<SharedArrayBuffer>;
  /** Prices by block, option and column. */
  readonly matrix: Float64Array<SharedArrayBuffer>;
  /** By block and expiry: A for each column, then B; the discount of V is V A + |V| B. */
  readonly factors: Float64Array<SharedArrayBuffer>;
  /** By block: PnL per unit of linear notional for each column, then the weight of the mark. */
  readonly columns: Float64Array<SharedArrayBuffer>;
  readonly forwardFactors: Float64Array<SharedArrayBuffer>;
  /** Outputs and workings by account. */
  readonly linear: Float64Array<SharedArrayBuffer>;
  readonly value: Float64Array<SharedArrayBuffer>;
  readonly loss: Float64Array<SharedArrayBuffer>;
}

const ALIGNMENT = 64;
const PAGE = 65_536;

type Names = keyof BatchArrays;
const INT32: readonly Names[] = [
  'accountGroups',
  'groupExpiries',
  'groupStarts',
  'positionRows',
  'accountLinears',
  'linearIds',
];

function lengths(c: BatchCounts): Record<Names, number> {
  const expiries = c.expiryStarts.length - 1;
  const options = c.expiryStarts[expiries]!;
  return {
    matrix: c.blocks * options * BLOCK,
    factors: (c.blocks * expiries * FACTOR_BYTES) / 8,
    columns: (c.blocks * 2 * ROW_BYTES) / 8,
    forwardFactors: expiries,
    linearPrices: c.linears,
    accountGroups: c.accounts + 1,
    groupExpiries: c.groups,
    groupStarts: c.groups + 1,
    positionRows: c.positions,
    positionSizes: c.positions,
    accountLinears: c.accounts + 1,
    linearIds: c.linearPositions,
    linearSizes: c.linearPositions,
    linear: c.accounts,
    value: c.accounts,
    loss: c.accounts,
  };
}

/** Pages of memory (64 KiB) that a batch needs. */
export function pagesOf(counts: BatchCounts): number {
  let bytes = ALIGNMENT;
  for (const [name, length] of Object.entries(lengths(counts))) {
    bytes += length * (INT32.includes(name as Names) ? 4 : 8) + ALIGNMENT;
  }
  return Math.ceil(bytes / PAGE);
}

/** Views of a memory of at least `pagesOf(counts)` pages; the same counts give the same views in every thread. */
export function viewsOf(buffer: SharedArrayBuffer, counts: BatchCounts): BatchArrays {
  let top = ALIGNMENT;
  const views: Partial<Record<Names, Int32Array<SharedArrayBuffer> | Float64Array<SharedArrayBuffer>>> = {};
  for (const [name, length] of Object.entries(lengths(counts)) as [Names, number][]) {
    const isInt32 = INT32.includes(name);
    views[name] = isInt32 ? new Int32Array(buffer, top, length) : new Float64Array(buffer, top, length);
    top += Math.ceil((length * (isInt32 ? 4 : 8)) / ALIGNMENT) * ALIGNMENT;
  }
  return views as unknown as BatchArrays;
}
