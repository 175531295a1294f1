import type { Batch } from '../../risk/batch/batch.ts';
import { marginAccounts, marginChanged } from '../../risk/batch/margin.ts';
import { priceBatch } from '../../risk/batch/price-batch.ts';
import { referenceLoss } from '../../risk/batch/reference.ts';
import { FACTOR_BYTES, ROW_BYTES } from '../../risk/batch/wasm/kernel.ts';
import { buildNative, NativeProgram, writeArrays } from '../native.ts';
import { cpuSeconds, median, printTable, sameChecksum } from '../timing.ts';
import {
  bookOf,
  LINEAR_PRICES,
  makeBatch,
  makeChain,
  makePositions,
  OPTIONS,
  POSITIONS,
  TERMS,
} from './data.ts';

const ACCOUNTS = 100_000;
const SAMPLE = 1_000;
const ROUNDS = 11;
/** The compiler may fuse multiply and add, which rounds once instead of twice. */
const TOLERANCE = 1e-12;

function checksum(batch: Batch, accounts: number): number {
  let sum = 0;
  for (let a = 0; a < accounts; a++) sum += batch.arrays.loss[a]! + Math.abs(batch.arrays.value[a]!);
  return sum;
}

function nativeData(batch: Batch): string {
  const { arrays, counts } = batch;
  const plain = (offsets: Int32Array, unit: number) => Int32Array.from(offsets, (each) => each / unit);
  const expiries = counts.expiryStarts.length - 1;
  return writeArrays('accounts.bin', [
    Int32Array.of(counts.accounts, OPTIONS, expiries, counts.blocks),
    plain(arrays.accountGroups, 4),
    plain(arrays.groupExpiries, FACTOR_BYTES),
    plain(arrays.groupStarts, 4),
    plain(arrays.positionRows, ROW_BYTES),
    arrays.positionSizes,
    arrays.accountLinears,
    arrays.linearIds,
    arrays.linearSizes,
    arrays.linearPrices,
    arrays.matrix,
    arrays.factors,
    arrays.columns,
    arrays.forwardFactors,
  ]);
}

const perSecond = (count: number, seconds: number) => `${(count / seconds / 1e6).toFixed(3)} M/s`;

/** (a) Accounts per second and core, side by side. */
export async function accountsPerSecond(): Promise<void> {
  const chain = makeChain();
  const positions = makePositions(ACCOUNTS);
  const batch = makeBatch(ACCOUNTS, positions);
  priceBatch(batch, TERMS, chain, LINEAR_PRICES);
  const binary = buildNative(`${import.meta.dirname}/accounts.cpp`, 'accounts');
  const native = binary === null ? null : new NativeProgram(binary, nativeData(batch));
  const books = Array.from({ length: SAMPLE }, (_, a) => bookOf(positions, chain, a));
  const times: { batch: number[]; native: number[]; plain: number[] } = { batch: [], native: [], plain: [] };
  const sums = { batch: 0, native: 0, sample: 0, plain: 0 };
  try {
    // two rounds more: the first ones compile
    for (let round = -2; round < ROUNDS; round++) {
      const inBatch = cpuSeconds(() => marginAccounts(batch, 0, ACCOUNTS));
      const inNative = await native?.round();
      sums.plain = 0;
      const inPlain = cpuSeconds(() => {
        for (const { book, linear } of books) {
          const { loss, value } = referenceLoss(book, linear, TERMS);
          sums.plain += loss + Math.abs(value);
        }
      });
      if (inNative) sums.native = inNative.checksum;
      if (round < 0) continue;
      times.batch.push(inBatch);
      if (inNative) times.native.push(inNative.cpuSeconds);
      times.plain.push(inPlain);
    }
  } finally {
    native?.stop();
  }
  sums.batch = checksum(batch, ACCOUNTS);
  sums.sample = checksum(batch, SAMPLE);
  sameChecksum('batch and straightforward version', sums.sample, sums.plain, TOLERANCE);
  if (native) sameChecksum('batch and C++', sums.batch, sums.native, TOLERANCE);
  const speed = ACCOUNTS / median(times.batch);
  const ratio = (other: number) => (speed / other).toFixed(2);
  const scenarios = TERMS.scenarios.length;
  console.log(
    `(a) ${ACCOUNTS} accounts x ${POSITIONS} options and a perp x ${scenarios} scenarios and forward loss, ` +
      `per CPU second of one core, median of ${ROUNDS} rounds`,
  );
  const rows = [['', 'accounts', 'batch / this', 'checksum']];
  rows.push(['batch', perSecond(ACCOUNTS, median(times.batch)), '1.00', sums.batch.toPrecision(13)]);
  if (native) {
    const seconds = median(times.native);
    const sum = sums.native.toPrecision(13);
    rows.push(['C++ -O3 -march=native', perSecond(ACCOUNTS, seconds), ratio(ACCOUNTS / seconds), sum]);
  } else rows.push(['C++', 'absent: no g++', '-', '-']);
  const seconds = median(times.plain);
  const sum = sums.plain.toPrecision(13);
  rows.push([
    `straightforward (${SAMPLE} accounts)`,
    perSecond(SAMPLE, seconds),
    ratio(SAMPLE / seconds),
    sum,
  ]);
  printTable(rows);
  console.log(`    checksum of the batch over the same ${SAMPLE}: ${sums.sample.toPrecision(13)}`);
  incremental(batch);
}

/** What a tick costs when one option's volatility moved, and when everything did. */
function incremental(batch: Batch): void {
  const chain = makeChain();
  const moved = chain.map((expiry, e) => ({
    ...expiry,
    legs: expiry.legs.map((leg, i) =>
      e === 2 && i === 20 ? { ...leg, volatility: leg.volatility + 0.01 } : leg,
    ),
  }));
  const times = { price: [] as number[], one: [] as number[], all: [] as number[] };
  let held = 0;
  for (let round = 0; round < 2 * ROUNDS; round++) {
    times.price.push(
      cpuSeconds(() => priceBatch(batch, TERMS, round % 2 === 0 ? moved : chain, LINEAR_PRICES)),
    );
    times.one.push(
      cpuSeconds(() => {
        held = marginChanged(batch);
      }),
    );
    times.all.push(cpuSeconds(() => marginAccounts(batch, 0, ACCOUNTS)));
  }
  const ms = (values: number[]) => `${(median(values) * 1e3).toFixed(2)} ms`;
  console.log(
    `    one tick: pricing ${OPTIONS} options ${ms(times.price)}; all accounts ${ms(times.all)}; ` +
      `the ${held} holders of one option ${ms(times.one)}`,
  );
}

/** (c) Cost per account by number of accounts. */
export function costBySize(): void {
  const sizes = [10_000, 100_000, 1_000_000];
  const chain = makeChain();
  const batches = sizes.map((accounts) => {
    const batch = makeBatch(accounts, makePositions(accounts));
    priceBatch(batch, TERMS, chain, LINEAR_PRICES);
    return batch;
  });
  const alone = sizes.map((): number[] => []);
  const withPrices = sizes.map((): number[] => []);
  for (let round = -1; round < 7; round++) {
    batches.forEach((batch, i) => {
      const margin = cpuSeconds(() => marginAccounts(batch, 0, sizes[i]!));
      const price = cpuSeconds(() => priceBatch(batch, TERMS, chain, LINEAR_PRICES));
      if (round < 0) return;
      alone[i]!.push(margin / sizes[i]!);
      withPrices[i]!.push((margin + price) / sizes[i]!);
    });
  }
  console.log('(c) cost per account, CPU nanoseconds, median of 7 rounds');
  const ns = (seconds: number) => (seconds * 1e9).toFixed(0);
  const least = Math.min(...alone.map(median));
  printTable([
    ['', 'margin', 'x least', 'margin and pricing'],
    ...sizes.map((accounts, i) => [
      `${accounts} accounts`,
      ns(median(alone[i]!)),
      (median(alone[i]!) / least).toFixed(2),
      ns(median(withPrices[i]!)),
    ]),
  ]);
}
