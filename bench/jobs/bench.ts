/**
 * One sweep over all accounts by one worker process and by two, in turns: real queues, a real database, the real task; only
 * the market stands still. REDIS_URL puts the queues into Redis, DATABASE_URL takes an empty database that is there.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../db/connection.ts';
import { startEmbeddedPostgres } from '../../db/embedded.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { accounts } from '../../db/schema/accounts.ts';
import { readEnvironment } from '../../gateway/config/env.ts';
import { enqueue } from '../../jobs/enqueue.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { createQueueBackend } from '../../jobs/queues/create.ts';
import { marginSweep } from '../../jobs/tasks/margin-sweep.ts';
import { machine, median, printTable } from '../timing.ts';
import { AT_MS, books, PROTOCOL } from './books.ts';
import { MODULE_NAME } from './market.ts';
import type { FromWorker, ToWorker } from './worker.ts';

const ACCOUNTS = 8_000;
const ROUNDS = 3;
/** As many as a deployment has unless it says otherwise. */
const SWEEP_SHARDS = readEnvironment({}).sweepShards;

interface Round {
  readonly seconds: number;
  /** By worker process. */
  readonly shards: readonly number[];
  readonly accounts: readonly number[];
  readonly cpuSeconds: readonly number[];
}

class BenchWorker {
  readonly #child: ChildProcess;
  #shards: Extract<FromWorker, { kind: 'shard' }>[] = [];

  constructor(args: readonly string[]) {
    this.#child = fork(new URL('./worker.ts', import.meta.url), [...args], {
      execArgv: ['--import', 'tsx'],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    // Everybody who waits for an answer wants to know of its end.
    this.#child.setMaxListeners(0);
    this.#child.on('message', (message: FromWorker) => {
      if (message.kind === 'shard') this.#shards.push(message);
    });
  }

  /** Waits for an answer of a kind, after asking. */
  async told<K extends FromWorker['kind']>(
    kind: K,
    ask?: ToWorker,
  ): Promise<Extract<FromWorker, { kind: K }>> {
    const answer = new Promise<Extract<FromWorker, { kind: K }>>((resolve, reject) => {
      const onMessage = (message: FromWorker) => {
        if (message.kind !== kind) return;
        this.#child.off('message', onMessage);
        resolve(message as Extract<FromWorker, { kind: K }>);
      };
      this.#child.on('message', onMessage);
      this.#child.once('exit', (code) => reject(new Error(`a worker ended with ${code}`)));
    });
    if (ask !== undefined) this.#child.send(ask);
    return answer;
  }

  /** Shards that it swept since the last call. */
  take() {
    const taken = this.#shards;
    this.#shards = [];
    return taken;
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.send('end' satisfies ToWorker);
    await ended;
  }
}

async function store(database: Database): Promise<void> {
  let rows: (typeof accounts.$inferInsert)[] = [];
  const flush = async () => {
    if (rows.length > 0) await database.orm.insert(accounts).values(rows);
    rows = [];
  };
  for (const book of books(ACCOUNTS)) {
    const times = { marketTime: AT_MS, updatedAt: AT_MS };
    rows.push({ protocol: PROTOCOL, sequence: 1n, contentHash: 'of the bench', ...book, ...times });
    if (rows.length === 1_000) await flush();
  }
  await flush();
  await database.pool.query('analyze accounts');
}

/** Sweeps everything once as of `asOfMs`; waits until the last shard is told. */
async function sweep(backend: QueueBackend, workers: readonly BenchWorker[], asOfMs: number): Promise<Round> {
  const cpu = async () =>
    Promise.all(workers.map(async (worker) => (await worker.told('cpu', 'cpu')).seconds));
  const before = await cpu();
  for (const worker of workers) worker.take();
  const started = performance.now();
  let left = SWEEP_SHARDS;
  const all = new Promise<void>((resolve) => {
    for (const worker of workers) {
      const next = (): Promise<void> =>
        worker.told('shard').then(() => {
          left -= 1;
          if (left === 0) resolve();
          return next();
        });
      next().catch(() => undefined);
    }
  });
  for (let index = 0; index < SWEEP_SHARDS; index += 1) {
    await enqueue(backend, marginSweep, { asOfMs, shard: { index, count: SWEEP_SHARDS } });
  }
  await all;
  const seconds = (performance.now() - started) / 1000;
  const after = await cpu();
  const swept = workers.map((worker) => worker.take());
  const total = swept.flat().reduce((sum, shard) => sum + shard.accounts, 0);
  const unknown = swept.flat().reduce((sum, shard) => sum + shard.unknown, 0);
  if (total !== ACCOUNTS || unknown > 0) throw new Error(`${total} accounts were swept, ${unknown} unknown`);
  return {
    seconds,
    shards: swept.map((shards) => shards.length),
    accounts: swept.map((shards) => shards.reduce((sum, shard) => sum + shard.accounts, 0)),
    cpuSeconds: after.map((value, index) => value - before[index]!),
  };
}

export async function run(): Promise<void> {
  const { DATABASE_URL: given, REDIS_URL: redisUrl } = process.env;
  const directory = await mkdtemp(join(tmpdir(), 'breakwater-bench-'));
  const server = given === undefined ? await startEmbeddedPostgres({ dataDir: directory }) : null;
  const url = given ?? server!.url;
  let workers: readonly BenchWorker[] = [];
  try {
    await migrateDatabase(url);
    const database = openDatabase({ url });
    await store(database);
    const backend = await createQueueBackend(redisUrl === undefined ? { databaseUrl: url } : { redisUrl });
    const args = redisUrl === undefined ? [url] : [url, redisUrl];
    workers = [new BenchWorker(args), new BenchWorker(args)];
    await Promise.all(workers.map((worker) => worker.told('resting')));
    console.log(
      `${machine()}, load ${loadavg()[0]!.toFixed(1)}; ${ACCOUNTS} accounts of 8 positions under ${MODULE_NAME}, ` +
        `${SWEEP_SHARDS} shards, queues in ${backend.name}`,
    );
    const rounds = new Map<number, Round[]>([
      [1, []],
      [2, []],
    ]);
    await workers[0]!.told('ready', 'work');
    let asOfMs = AT_MS;
    const next = (count: number) => {
      asOfMs += 1;
      return sweep(backend, workers.slice(0, count), asOfMs);
    };
    // The first sweep compiles, and makes a row and an effect of every account.
    await next(1);
    await workers[1]!.told('ready', 'work');
    await next(2);
    for (let round = 0; round < ROUNDS; round += 1) {
      rounds.get(2)!.push(await next(2));
      await workers[1]!.told('resting', 'rest');
      rounds.get(1)!.push(await next(1));
      if (round + 1 < ROUNDS) await workers[1]!.told('ready', 'work');
    }
    report(rounds);
    await backend.close();
    await database.close();
  } finally {
    await Promise.all(workers.map((worker) => worker.end()));
    await server?.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function report(rounds: ReadonlyMap<number, readonly Round[]>): void {
  const list = (values: readonly number[], digits = 0) =>
    values.map((value) => value.toFixed(digits)).join(' + ');
  const rows = [['workers', 'sweep s', 'accounts/s', 'shards of each', 'accounts of each', 'CPU s of each']];
  for (const [count, all] of rounds) {
    for (const { seconds, shards, accounts: swept, cpuSeconds } of all) {
      const rate = (ACCOUNTS / seconds).toFixed(0);
      rows.push([String(count), seconds.toFixed(2), rate, list(shards), list(swept), list(cpuSeconds, 2)]);
    }
  }
  printTable(rows);
  const of = (count: number) => median(rounds.get(count)!.map(({ seconds }) => seconds));
  console.log(
    `median: ${of(1).toFixed(2)} s by one worker, ${of(2).toFixed(2)} s by two: ${(of(1) / of(2)).toFixed(2)} times as fast`,
  );
}
