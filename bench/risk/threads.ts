import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { marginAccounts } from '../../risk/batch/margin.ts';
import { priceBatch } from '../../risk/batch/price-batch.ts';
import { median, printTable } from '../timing.ts';
import { LINEAR_PRICES, makeBatch, makeChain, makePositions, TERMS } from './data.ts';

const ACCOUNTS = 400_000;
const ROUNDS = 9;

/** One tick by one thread and by two that share the memory; wall time, so a busy machine shows. */
export async function twoThreads(): Promise<void> {
  const batch = makeBatch(ACCOUNTS, makePositions(ACCOUNTS));
  priceBatch(batch, TERMS, makeChain(), LINEAR_PRICES);
  const half = ACCOUNTS / 2;
  // a thread does not inherit the loader of TypeScript
  const source = new URL('./worker.ts', import.meta.url).href;
  const boot = `import('tsx/esm/api').then(({ register }) => { register(); return import(${JSON.stringify(source)}); });`;
  const workerData = { handle: batch.handle, from: half, to: ACCOUNTS };
  const worker = new Worker(boot, { eval: true, workerData });
  const times = { one: [] as number[], two: [] as number[] };
  try {
    await once(worker, 'message');
    for (let round = -2; round < ROUNDS; round++) {
      batch.arrays.loss.fill(1);
      const start = performance.now();
      marginAccounts(batch, 0, ACCOUNTS);
      const one = performance.now() - start;
      const alone = batch.arrays.loss.slice();
      batch.arrays.loss.fill(1);
      const again = performance.now();
      worker.postMessage('go');
      marginAccounts(batch, 0, half);
      await once(worker, 'message');
      const two = performance.now() - again;
      const differs = batch.arrays.loss.findIndex((loss, a) => loss !== alone[a]);
      if (differs >= 0) throw new Error(`two threads differ from one at account ${differs}`);
      if (round < 0) continue;
      times.one.push(one);
      times.two.push(two);
    }
  } finally {
    await worker.terminate();
  }
  console.log(
    `(e) ${ACCOUNTS} accounts, wall milliseconds, median of ${ROUNDS} rounds; equal to the last bit`,
  );
  printTable([
    ['', 'ms', 'x one'],
    ['one thread', median(times.one).toFixed(1), '1.00'],
    ['two threads', median(times.two).toFixed(1), (median(times.one) / median(times.two)).toFixed(2)],
  ]);
}
