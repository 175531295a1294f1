import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FORECASTS_CHANNEL, listen } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import { silentLogger } from '../../db/logger.ts';
import type { StoredAccount } from '../../db/queries/accounts.ts';
import { loadBufferSchedules } from '../../db/queries/buffer-schedules.ts';
import { readCandles } from '../../db/queries/candles.ts';
import { latestForecasts } from '../../db/queries/forecasts.ts';
import { getMarginStatus } from '../../db/queries/margin-statuses.ts';
import { priceSnapshotAt } from '../../db/queries/price-snapshots.ts';
import { putPositions } from '../../db/queries/put-positions.ts';
import { outbox } from '../../db/schema/outbox.ts';
import { PartialFailureError } from '../../jobs/errors.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { createQueueBackend } from '../../jobs/queues/create.ts';
import type { TaskContext } from '../../jobs/task.ts';
import { type ForecastRefreshPorts, forecastRefresh } from '../../jobs/tasks/forecast-refresh.ts';
import { type MarginSweepPorts, marginSweep } from '../../jobs/tasks/margin-sweep.ts';
import { marginSweepPlan } from '../../jobs/tasks/margin-sweep-plan.ts';
import { outboxRelay } from '../../jobs/tasks/outbox-relay.ts';
import { priceSnapshot } from '../../jobs/tasks/price-snapshot.ts';
import type { HourlyBar, VolatilityForecast } from '../../models/forecast.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { MarginResult, MarginStatus } from '../../risk/modules/module.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2024, 0, 1);
const WAD = 10n ** 18n;
let postgres: TestPostgres;
let database: Database;
let backend: QueueBackend;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
  backend = await createQueueBackend({ databaseUrl: database.url });
});
afterAll(async () => {
  await backend.close();
  await postgres.stop();
});
const context: TaskContext = {
  signal: new AbortController().signal,
  jobId: 'test',
  attempt: 1,
  logger: silentLogger,
};

describe('price-snapshot', () => {
  const usable = { usable: true, reasons: [] };
  const verdicts = { open: usable, margin: usable, liquidate: usable };
  const price = (feedId: string, asOfMs: number, priceWad: bigint | null): RobustPrice => ({
    feedId,
    base: feedId.split('-')[0]!,
    quoteAsset: 'USD',
    asOfMs,
    market:
      priceWad === null
        ? null
        : {
            feedId,
            priceWad,
            confidenceWad: 3n,
            confidenceScore: 0.9,
            publishTimeMs: asOfMs - 400,
            verdicts,
          },
    verdicts,
    votes: [
      {
        sourceId: 'chainlink:hub',
        report: {
          ok: true,
          quote: {
            feedId,
            sourceId: 'chainlink:hub',
            kind: 'chainlink',
            base: 'BTC',
            quoteAsset: 'USD',
            price: 6_000_000_000_000n,
            expo: -8,
            confidence: 0n,
            publishTimeMs: asOfMs,
            receivedAtMs: asOfMs,
            chain: 'hub',
            blockNumber: 12n,
            blockTimeMs: asOfMs,
            independenceGroup: 'chainlink',
            details: { roundId: '18446744073709551617' },
          },
        },
        priceWad,
        ageMs: 0,
        included: true,
        reasons: [],
        weight: 1,
      },
    ],
    configHash: '0x01',
  });

  it('keeps each feed once per interval with its evidence exact, the refused ones too', async () => {
    let now = T0 + 1_234;
    const ports = {
      database,
      intervalMs: 60_000,
      prices: async () => [price('BTC-USD', now, 60_000n * WAD), price('DOGE-USD', now, null)],
    };
    expect(await priceSnapshot.run({}, ports, context)).toEqual({ prices: 2, stored: 2 });
    now = T0 + 59_999;
    expect(await priceSnapshot.run({}, ports, context)).toEqual({ prices: 2, stored: 0 });
    now = T0 + 60_000;
    expect(await priceSnapshot.run({}, ports, context)).toEqual({ prices: 2, stored: 2 });
    const kept = await priceSnapshotAt(database.orm, 'BTC-USD', T0 + 59_999);
    expect(kept?.asOfMs).toBe(T0 + 1_234);
    expect(kept?.priceWad).toBe(60_000n * WAD);
    expect(kept?.votes).toEqual(price('BTC-USD', T0 + 1_234, 60_000n * WAD).votes);
    expect(await priceSnapshotAt(database.orm, 'DOGE-USD', T0 + 60_000)).toMatchObject({
      priceWad: null,
      market: null,
    });
  });
});

describe('forecast-refresh', () => {
  const bar = (i: number): HourlyBar => ({
    tsMs: T0 + i * HOUR,
    open: 100,
    high: 101,
    low: 99,
    close: 100,
    volume: 1,
  });
  const forecastOf = (asset: string, bars: readonly HourlyBar[]): VolatilityForecast[] =>
    ([1, 24] as const).map((horizonHours) => ({
      asset,
      horizonHours,
      asOfMs: bars.at(-1)!.tsMs + HOUR,
      meanVariance: bars.length,
      quantiles: [{ p: 0.5, variance: 1e-5 }],
      highVolatilityProbability: null,
      onsetProbability: null,
      referenceVariance: null,
      model: 'logHAR',
      modelVersion: '1',
      calibration: { rows: 0, levelRatio: 1, coverage90: null },
      limitations: [],
    }));

  it('appends bars, forecasts once per hour and advances each schedule once, also with two workers at a time', async () => {
    let until_ = 3;
    const asked: (number | null)[] = [];
    const ports: ForecastRefreshPorts = {
      database,
      assets: ['BTC'],
      newBars: async (_asset, fromMs) => {
        asked.push(fromMs);
        return Array.from({ length: until_ }, (_, i) => bar(i)).filter(({ tsMs }) => tsMs >= (fromMs ?? 0));
      },
      forecast: forecastOf,
      advanceSchedule: (previous, forecast) => ({
        steps: ((previous as { steps: number } | null)?.steps ?? 0) + 1,
        seen: forecast.meanVariance,
      }),
    };
    const messages: unknown[] = [];
    let listening = false;
    const listener = listen({
      url: database.url,
      channels: [FORECASTS_CHANNEL],
      onMessage: (_channel, payload) => messages.push(payload),
      onGap: () => {
        listening = true;
      },
    });
    await until('listening', () => listening);

    const both = await Promise.all([
      forecastRefresh.run({}, ports, context),
      forecastRefresh.run({}, ports, context),
    ]);
    expect(both.map(({ refreshed }) => refreshed.length).reduce((a, b) => a + b)).toBe(1);
    expect((await forecastRefresh.run({}, ports, context)).unchanged).toEqual(['BTC']);
    until_ = 5;
    expect((await forecastRefresh.run({}, ports, context)).refreshed).toEqual(['BTC']);

    expect(asked.slice(-2)).toEqual([T0 + 3 * HOUR, T0 + 3 * HOUR]);
    expect((await readCandles(database.orm, 'BTC')).length).toBe(5);
    expect((await latestForecasts(database.orm, 'BTC')).map(({ asOfMs }) => asOfMs)).toEqual([
      T0 + 5 * HOUR,
      T0 + 5 * HOUR,
    ]);
    const schedules = await loadBufferSchedules(database.orm);
    expect(
      schedules.map(({ horizonHours, updatedAtMs, schedule }) => [horizonHours, updatedAtMs, schedule]),
    ).toEqual([
      [1, T0 + 5 * HOUR, { steps: 2, seen: 5 }],
      [24, T0 + 5 * HOUR, { steps: 2, seen: 5 }],
    ]);
    await until('two notifications', () => messages.length >= 2);
    expect(messages).toEqual([
      { asset: 'BTC', asOfMs: T0 + 3 * HOUR },
      { asset: 'BTC', asOfMs: T0 + 5 * HOUR },
    ]);
    await listener.close();
  });

  it('stores the assets that work when one fails, and says which failed; nothing of the failed one is stored', async () => {
    const ports: ForecastRefreshPorts = {
      database,
      assets: ['BAD', 'SOL', 'NEW'],
      newBars: async (asset) => (asset === 'NEW' ? [] : [bar(0)]),
      forecast: forecastOf,
      advanceSchedule: (_previous, { asset }) => {
        if (asset === 'BAD') throw new Error('cannot advance');
        return null;
      },
    };
    const failed = await forecastRefresh.run({}, ports, context).catch((error) => error);
    expect(failed).toBeInstanceOf(PartialFailureError);
    expect(failed.retryable).toBe(false);
    expect(failed.message).toContain('BAD (cannot advance)');
    expect(await latestForecasts(database.orm, 'SOL')).toHaveLength(2);
    expect(await latestForecasts(database.orm, 'BAD')).toHaveLength(0);
    expect((await loadBufferSchedules(database.orm)).filter(({ asset }) => asset === 'SOL')).toEqual([]);
    const rest = { ...ports, assets: ['NEW'] };
    expect((await forecastRefresh.run({}, rest, context)).withoutHistory).toEqual(['NEW']);
  });
});

describe('margin-sweep', () => {
  // Only what storage reads; the sweep carries the rest through unseen.
  const resultOf = (account: StoredAccount, status: MarginStatus) =>
    ({
      equityWad: account.cashWad,
      initialRequirementWad: 2n,
      maintenanceRequirementWad: 1n,
      netInitialWad: account.cashWad - 2n,
      status,
    }) as MarginResult;
  const ports = (asOf: number, status: (account: StoredAccount) => MarginStatus): MarginSweepPorts => ({
    database,
    pageSize: 4,
    compute: async (accounts) =>
      accounts
        .filter(({ account }) => account !== 'left-out')
        .map((account) => ({
          protocol: account.protocol,
          account: account.account,
          sequence: account.sequence,
          asOfMs: asOf,
          result: resultOf(account, status(account)),
        })),
  });
  const sweep = async (asOfMs: number, status: (account: StoredAccount) => MarginStatus) => {
    const total = { accounts: 0, stored: 0, changed: 0, failed: 0 };
    for (const index of [0, 1, 2]) {
      const payload = { asOfMs, shard: { index, count: 3 } };
      const counts = await marginSweep.run(payload, ports(asOfMs, status), context);
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key];
    }
    return total;
  };

  it('covers every account once over its shards, stores later results, reports changes', async () => {
    const accounts = [...Array.from({ length: 20 }, (_, i) => `acc-${i}`), 'left-out'];
    for (const account of accounts) {
      await putPositions(database, {
        protocol: 'alpha',
        account,
        sequence: 1n,
        cashWad: 7n * WAD,
        positions: [],
        marketTimeMs: T0,
      });
    }
    expect(await sweep(T0 + 10, () => 'healthy')).toEqual({
      accounts: 21,
      stored: 20,
      changed: 20,
      failed: 1,
    });
    // The same moment again, as after a crash: nothing is stored twice.
    expect(await sweep(T0 + 10, () => 'healthy')).toEqual({ accounts: 21, stored: 0, changed: 0, failed: 1 });
    const calledOne = ({ account }: StoredAccount) => (account === 'acc-3' ? 'margin-call' : 'healthy');
    expect(await sweep(T0 + 20, calledOne)).toEqual({ accounts: 21, stored: 20, changed: 1, failed: 1 });
    expect(await sweep(T0 + 15, () => 'insolvent')).toEqual({
      accounts: 21,
      stored: 0,
      changed: 0,
      failed: 1,
    });
    expect(await getMarginStatus(database.orm, 'alpha', 'acc-3')).toMatchObject({
      status: 'margin-call',
      asOfMs: T0 + 20,
      equityWad: 7n * WAD,
      body: { netInitialWad: 7n * WAD - 2n },
    });
    const effects = await database.orm.select().from(outbox).where(eq(outbox.topic, 'margin.status-changed'));
    expect(effects).toHaveLength(21);
  });

  it('is planned once per interval however many plan it, and waits for the shard that still runs', async () => {
    let now = T0 + 5_000;
    const plan = { backend, clock: { nowMs: () => now }, intervalMs: 60_000, shards: 3 };
    await Promise.all([1, 2, 3, 4].map(() => marginSweepPlan.run({}, plan, context)));
    now = T0 + 59_999;
    await marginSweepPlan.run({}, plan, context);
    const queue = await backend.queue('margin-sweep');
    const jobs = await queue.getJobs(['waiting']);
    expect(jobs.map(({ id, data }) => [id, data]).toSorted()).toEqual(
      [0, 1, 2].map((index) => [`sweep-${T0}-${index}-of-3`, { asOfMs: T0, shard: { index, count: 3 } }]),
    );
    now = T0 + 60_000;
    await marginSweepPlan.run({}, plan, context);
    expect(await queue.getJobCountByTypes('waiting')).toBe(3);
  });

  it('is planned for the next interval after an interval that was planned again when it was done', async () => {
    let now = T0 + 600_000;
    const plan = { backend, clock: { nowMs: () => now }, intervalMs: 60_000, shards: 3 };
    const queue = await backend.queue('margin-sweep');
    const swept: number[] = [];
    const worker = await backend.worker('margin-sweep', async (job) => swept.push(job.data.asOfMs));
    const sweptAt = (asOfMs: number) =>
      until(`three shards at ${asOfMs}`, () => swept.filter((at) => at === asOfMs).length === 3);
    try {
      await until('an empty queue', async () => (await queue.getJobCountByTypes('waiting', 'active')) === 0);
      await marginSweepPlan.run({}, plan, context);
      await sweptAt(now);
      await until('an empty queue', async () => (await queue.getJobCountByTypes('waiting', 'active')) === 0);
      await marginSweepPlan.run({}, plan, context);
      now += 60_000;
      await marginSweepPlan.run({}, plan, context);
      await sweptAt(now);
    } finally {
      await worker.close();
    }
  });
});

describe('outbox-relay', () => {
  it('dispatches everything that is due in batches and says how much', async () => {
    const seen: bigint[] = [];
    const relay = { database, batch: 5, dispatch: async ({ id }: { id: bigint }) => void seen.push(id) };
    const before = (await database.orm.select().from(outbox)).length;
    expect(await outboxRelay.run({}, relay, context)).toEqual({ dispatched: before, failed: 0 });
    expect(new Set(seen).size).toBe(before);
    expect(await outboxRelay.run({}, relay, context)).toEqual({ dispatched: 0, failed: 0 });
  });
});
