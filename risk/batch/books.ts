import { InvalidInputError } from '../errors.ts';

/** Positions of all accounts as parallel columns, in any order. */
export interface PositionColumns {
  /** Account, 0 to accounts - 1. */
  readonly account: Int32Array;
  /** Instrument: options in the order of the chain (expiry by expiry), then linear instruments. */
  readonly instrument: Int32Array;
  /** Signed units. */
  readonly size: Float64Array;
}

/** Positions sorted by account and instrument; what is held twice is added up. */
export interface SortedPositions extends PositionColumns {
  readonly count: number;
}

/** As portfolios allow; sums of such sizes times prices stay finite. */
const LARGEST_SIZE = 1e30;

function check(positions: PositionColumns, accounts: number, instruments: number): void {
  const { account, instrument, size } = positions;
  if (instrument.length !== account.length || size.length !== account.length) {
    throw new InvalidInputError('positions', 'columns must be of one length');
  }
  for (let i = 0; i < account.length; i++) {
    if (!(account[i]! >= 0 && account[i]! < accounts)) {
      throw new InvalidInputError(`positions[${i}].account`, `must be 0 to ${accounts - 1}`);
    }
    if (!(instrument[i]! >= 0 && instrument[i]! < instruments)) {
      throw new InvalidInputError(`positions[${i}].instrument`, `must be 0 to ${instruments - 1}`);
    }
    if (!(Math.abs(size[i]!) <= LARGEST_SIZE)) {
      throw new InvalidInputError(`positions[${i}].size`, 'must be a number of magnitude up to 1e30');
    }
  }
}

/** Stable counting sort of `order` by a key in [0, keys). */
function sortBy(order: Int32Array, key: Int32Array, keys: number): Int32Array {
  const starts = new Int32Array(keys + 1);
  for (let i = 0; i < order.length; i++) starts[key[order[i]!]! + 1]!++;
  for (let k = 0; k < keys; k++) starts[k + 1]! += starts[k]!;
  const sorted = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) sorted[starts[key[order[i]!]!]!++] = order[i]!;
  return sorted;
}

/**
 * Sorts positions by account, then instrument, in linear time. The order in which they are given does not matter,
 * but for the rounding where one instrument is given more than twice.
 * @throws InvalidInputError naming the position and field.
 */
export function sortPositions(
  positions: PositionColumns,
  accounts: number,
  instruments: number,
): SortedPositions {
  check(positions, accounts, instruments);
  const length = positions.account.length;
  let order: Int32Array = Int32Array.from({ length }, (_, i) => i);
  order = sortBy(order, positions.instrument, instruments);
  order = sortBy(order, positions.account, accounts);
  const account = new Int32Array(length);
  const instrument = new Int32Array(length);
  const size = new Float64Array(length);
  let count = 0;
  for (const i of order) {
    const same =
      count > 0 &&
      account[count - 1] === positions.account[i] &&
      instrument[count - 1] === positions.instrument[i];
    if (same) {
      size[count - 1]! += positions.size[i]!;
      continue;
    }
    account[count] = positions.account[i]!;
    instrument[count] = positions.instrument[i]!;
    size[count] = positions.size[i]!;
    count++;
  }
  return { account, instrument, size, count };
}

/** Start of each account's or instrument's entries in a sorted column: `starts[k]` to `starts[k + 1]`. */
export function startsOf(sorted: Int32Array, count: number, keys: number): Int32Array {
  const starts = new Int32Array(keys + 1);
  for (let i = 0; i < count; i++) starts[sorted[i]! + 1]!++;
  for (let k = 0; k < keys; k++) starts[k + 1]! += starts[k]!;
  return starts;
}

/** Accounts by instrument: those that hold k are `accounts[starts[k]]` to `accounts[starts[k + 1]]`. */
export interface Holders {
  readonly starts: Int32Array;
  readonly accounts: Int32Array;
}

export function holdersOf(sorted: SortedPositions, instruments: number): Holders {
  const keys = sorted.instrument.subarray(0, sorted.count);
  const order = sortBy(
    Int32Array.from({ length: sorted.count }, (_, i) => i),
    keys,
    instruments,
  );
  return {
    starts: startsOf(keys, sorted.count, instruments),
    accounts: order.map((i) => sorted.account[i]!),
  };
}
