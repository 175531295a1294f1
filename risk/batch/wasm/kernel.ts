import { type Code, F64, f64, f64x2, get, I32, i32, moduleBytes, set, V128, whileTrue } from './assembler.ts';

/** Columns of one block: four registers of two doubles. */
export const BLOCK = 8;
export const VECTORS = BLOCK / 2;
/** Bytes of one instrument's row in a block, and of one expiry's pair of factors. */
export const ROW_BYTES = BLOCK * 8;
export const FACTOR_BYTES = 2 * ROW_BYTES;

const PARAMETERS = [
  'from', // first account, as byte offset of an Int32 (4 x account)
  'to',
  'accountGroups', // address of 4 x (first group of an account), Int32
  'groupExpiries', // address of FACTOR_BYTES x expiry, Int32
  'groupStarts', // address of 4 x (first position of a group), Int32
  'positionRows', // address of ROW_BYTES x instrument, Int32
  'positionSizes', // address of sizes, Float64
  'matrix', // address of the block's rows
  'factors', // address of the block's [A, B] by expiry
  'columns', // address of the block's [perLinear, perMark] by column
  'forwardFactors', // address of the forward loss factors by expiry
  'linear', // address of linear notionals by account
  'value', // address of option values by account
  'loss', // address of losses by account
] as const;
const COUNTERS = ['group', 'groupEnd', 'row', 'rowEnd', 'size', 'expiry', 'wide'] as const;
const DOUBLES = ['forward'] as const;
const FIRST_DOUBLE = PARAMETERS.length + COUNTERS.length;
const FIRST_VECTOR = FIRST_DOUBLE + DOUBLES.length;
type Name = (typeof PARAMETERS)[number] | (typeof COUNTERS)[number] | (typeof DOUBLES)[number];
const NAMES: readonly Name[] = [...PARAMETERS, ...COUNTERS, ...DOUBLES];
const local = (name: Name) => NAMES.indexOf(name);
const read = (name: Name) => get(local(name));
const write = (name: Name, value: Code) => set(local(name), value);
const advance = (name: Name, bytes: number) => write(name, i32.add(read(name), i32.const(bytes)));

/** Value of the group per column, PnL of the account per column, and what is at hand in the sum. */
const valueAt = (v: number) => FIRST_VECTOR + v;
const pnlAt = (v: number) => FIRST_VECTOR + VECTORS + v;
const SPLAT = FIRST_VECTOR + 2 * VECTORS;
const LOCALS = [
  ...COUNTERS.map(() => I32),
  ...DOUBLES.map(() => F64),
  ...new Array<number>(2 * VECTORS + 1).fill(V128),
];
const each = (code: (v: number) => Code): Code => Array.from({ length: VECTORS }, (_, v) => code(v)).flat();

/** value[column] = sum over the group's positions of size x matrix[instrument][column]. */
const sumGroup: Code = [
  ...each((v) => set(valueAt(v), f64x2.zero())),
  ...write('rowEnd', i32.add(read('positionRows'), i32.load(read('groupStarts'), 4))),
  ...whileTrue(i32.lessThan(read('row'), read('rowEnd')), [
    ...set(SPLAT, f64x2.loadSplat(read('size'))),
    ...write('wide', i32.add(read('matrix'), i32.load(read('row')))),
    ...each((v) =>
      set(valueAt(v), f64x2.add(get(valueAt(v)), f64x2.mul(get(SPLAT), f64x2.load(read('wide'), 16 * v)))),
    ),
    ...advance('row', 4),
    ...advance('size', 8),
  ]),
  ...write('expiry', i32.load(read('groupExpiries'))),
  ...write('wide', i32.add(read('factors'), read('expiry'))),
];

/** value x A + |value| x B: the discount factor of a value's sign, without a branch. */
const discounted = (v: number): Code =>
  f64x2.add(
    f64x2.mul(get(valueAt(v)), f64x2.load(read('wide'), 16 * v)),
    f64x2.mul(f64x2.abs(get(valueAt(v))), f64x2.load(read('wide'), ROW_BYTES + 16 * v)),
  );

/** Runs over accounts and their groups with every address in step. */
const overAccounts = (before: Code, group: Code, after: Code): Code => [
  ...write('accountGroups', i32.add(read('accountGroups'), read('from'))),
  ...write('group', i32.load(read('accountGroups'))),
  ...write('groupStarts', i32.add(read('groupStarts'), read('group'))),
  ...write('groupExpiries', i32.add(read('groupExpiries'), read('group'))),
  ...write('row', i32.load(read('groupStarts'))),
  ...write('size', i32.add(read('positionSizes'), i32.add(read('row'), read('row')))),
  ...write('row', i32.add(read('positionRows'), read('row'))),
  ...write('linear', i32.add(read('linear'), i32.add(read('from'), read('from')))),
  ...write('value', i32.add(read('value'), i32.add(read('from'), read('from')))),
  ...write('loss', i32.add(read('loss'), i32.add(read('from'), read('from')))),
  ...whileTrue(i32.lessThan(read('from'), read('to')), [
    ...before,
    ...write('groupEnd', i32.load(read('accountGroups'), 4)),
    ...whileTrue(i32.lessThan(read('group'), read('groupEnd')), [
      ...sumGroup,
      ...group,
      ...advance('groupStarts', 4),
      ...advance('groupExpiries', 4),
      ...advance('group', 4),
    ]),
    ...after,
    ...advance('accountGroups', 4),
    ...advance('linear', 8),
    ...advance('value', 8),
    ...advance('loss', 8),
    ...advance('from', 4),
  ]),
];

const lane = (register: number, column: number) => f64x2.lane(get(register), (column % 2) as 0 | 1);

/**
 * Block of marks: columns 0 to 2 are the mark, and the marks with the forward up and down; columns 3 to 7 shocks of
 * skew. Per group the change is value x A + |value| x B - mark x D; skew shocks lose its magnitude.
 */
const baseBody = overAccounts(
  [
    ...set(SPLAT, f64x2.loadSplat(read('linear'))),
    ...each((v) => set(pnlAt(v), f64x2.mul(get(SPLAT), f64x2.load(read('columns'), 16 * v)))),
    ...write('forward', f64.const(0)),
    ...set(pnlAt(0), f64x2.zero()),
  ],
  [
    ...set(SPLAT, f64x2.splat(lane(valueAt(0), 0))),
    ...each((v) =>
      set(
        valueAt(v),
        f64x2.sub(discounted(v), f64x2.mul(get(SPLAT), f64x2.load(read('columns'), ROW_BYTES + 16 * v))),
      ),
    ),
    ...write(
      'forward',
      f64.add(
        read('forward'),
        f64.mul(
          f64.min(f64.min(lane(valueAt(0), 1), lane(valueAt(1), 0)), f64.const(0)),
          f64.load(i32.add(read('forwardFactors'), i32.shiftRight(read('expiry'), i32.const(4)))),
        ),
      ),
    ),
    // column 0 adds up to the value of the options
    ...set(pnlAt(0), f64x2.add(get(pnlAt(0)), get(valueAt(0)))),
    ...[1, 2, 3].flatMap((v) => set(pnlAt(v), f64x2.sub(get(pnlAt(v)), f64x2.abs(get(valueAt(v)))))),
  ],
  [
    ...f64.store(read('value'), lane(pnlAt(0), 0)),
    // a mark that is not finite makes all of these NaN (it has a weight in every column), and f64.min keeps that
    ...f64.store(
      read('loss'),
      [3, 4, 5, 6, 7].reduce<Code>(
        (worst, column) => f64.min(worst, lane(pnlAt(column >> 1), column)),
        f64.min(read('forward'), f64.load(read('loss'))),
      ),
    ),
  ],
);

/** Block of ordinary scenarios: PnL = linear x perLinear - mark x perMark + sum of discounted group values. */
const gridBody = overAccounts(
  [
    ...set(SPLAT, f64x2.loadSplat(read('linear'))),
    ...each((v) => set(pnlAt(v), f64x2.mul(get(SPLAT), f64x2.load(read('columns'), 16 * v)))),
    ...set(SPLAT, f64x2.loadSplat(read('value'))),
    ...each((v) =>
      set(
        pnlAt(v),
        f64x2.sub(get(pnlAt(v)), f64x2.mul(get(SPLAT), f64x2.load(read('columns'), ROW_BYTES + 16 * v))),
      ),
    ),
  ],
  each((v) => set(pnlAt(v), f64x2.add(get(pnlAt(v)), discounted(v)))),
  [
    ...set(
      SPLAT,
      f64x2.pseudoMin(
        f64x2.pseudoMin(get(pnlAt(0)), get(pnlAt(1))),
        f64x2.pseudoMin(get(pnlAt(2)), get(pnlAt(3))),
      ),
    ),
    ...f64.store(read('loss'), f64.min(f64.load(read('loss')), f64.min(lane(SPLAT, 0), lane(SPLAT, 1)))),
  ],
);

/** Bytes of the margin kernel: `base` and `grid`, both over a range of accounts and one block of columns. */
export function kernelBytes(maximumPages: number): Uint8Array<ArrayBuffer> {
  const parameters = PARAMETERS.map(() => I32);
  return moduleBytes(
    [
      { name: 'base', parameters, locals: LOCALS, body: baseBody },
      { name: 'grid', parameters, locals: LOCALS, body: gridBody },
    ],
    maximumPages,
  );
}
