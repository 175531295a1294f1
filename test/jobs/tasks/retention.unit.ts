import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../db/logger.ts';
import { insertForecasts, latestForecasts } from '../../../db/queries/forecasts.ts';
import { addToOutbox, outboxBacklog, relayOutbox } from '../../../db/queries/outbox.ts';
import { readPriceHours } from '../../../db/queries/price-hours.ts';
import { insertPriceSnapshots, priceSnapshotAt } from '../../../db/queries/price-snapshots.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { priceSnapshots } from '../../../db/schema/market.ts';
import { retention } from '../../../jobs/tasks/retention.ts';
import { useDatabase } from '../../helpers/use.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2024, 5, 1, 12, 30);
const WALL = Date.UTC(2026, 0, 10);
const database = await useDatabase();

const run = (market = NOW) =>
  retention.run(
    {},
    {
      database,
      clock: { nowMs: () => market },
      wallClock: { nowMs: () => WALL },
      policy: { priceSnapshotDays: 2 },
    },
    { signal: new AbortController().signal, jobId: 'r', attempt: 1, logger: silentLogger },
  );
const snapshot = (feed: string, asOfMs: number, priceWad: bigint | null, usable = priceWad !== null) => ({
  feed,
  asOfMs,
  bucketMs: asOfMs,
  base: feed.split('-')[0]!,
  quoteAsset: 'USD',
  priceWad,
  confidenceWad: null,
  market: null,
  verdicts: { margin: { usable, reasons: [] } },
  votes: [],
  memory: null,
  configHash: '0x',
});
const count = async () => (await database.orm.select().from(priceSnapshots)).length;

describe('retention', () => {
  it('rolls each past hour up once and deletes old snapshots only when their hour is kept', async () => {
    const old = Date.UTC(2024, 4, 20, 7);
    const big = 10n ** 60n;
    await insertPriceSnapshots(database.orm, [
      snapshot('BTC-USD', old + 1, null),
      snapshot('BTC-USD', old + 10_000, big + 5n),
      snapshot('BTC-USD', old + 20_000, big + 9n, false),
      snapshot('BTC-USD', old + 30_000, big + 1n),
      snapshot('BTC-USD', old + HOUR - 1, big + 4n),
      snapshot('BTC-USD', old + HOUR, big + 7n),
      snapshot('ETH-USD', old + 5, null),
      // Inside the retention, and in an hour that is not over.
      snapshot('BTC-USD', NOW - DAY, big),
      snapshot('BTC-USD', NOW - 1_000, big),
    ]);
    const first = await run();
    expect([first.hours, first.priceSnapshots]).toEqual([4, 7]);
    expect(await count()).toBe(2);
    const range = { fromMs: old, toMs: old + 2 * HOUR };
    expect(await readPriceHours(database.orm, 'BTC-USD', range)).toEqual([
      {
        feed: 'BTC-USD',
        hourMs: old,
        openWad: big + 5n,
        highWad: big + 9n,
        lowWad: big + 1n,
        closeWad: big + 4n,
        snapshots: 5,
        unpriced: 1,
        refused: 2,
      },
      {
        feed: 'BTC-USD',
        hourMs: old + HOUR,
        openWad: big + 7n,
        highWad: big + 7n,
        lowWad: big + 7n,
        closeWad: big + 7n,
        snapshots: 1,
        unpriced: 0,
        refused: 0,
      },
    ]);
    expect((await readPriceHours(database.orm, 'ETH-USD', range))[0]).toMatchObject({
      closeWad: null,
      unpriced: 1,
    });
    expect(await priceSnapshotAt(database.orm, 'BTC-USD', NOW)).toMatchObject({ asOfMs: NOW - 1_000 });
    const second = await run();
    expect([second.hours, second.priceSnapshots]).toEqual([0, 0]);
  });

  it('deletes more than one batch holds', async () => {
    const start = NOW - 20 * DAY;
    // 4,500 minutes from half past on touch 76 hours.
    const many = Array.from({ length: 4_500 }, (_, i) => snapshot('SOL-USD', start + i * 60_000, 1n));
    for (let i = 0; i < many.length; i += 1_500)
      await insertPriceSnapshots(database.orm, many.slice(i, i + 1_500));
    const done = await run();
    expect([done.hours, done.priceSnapshots]).toEqual([76, 4_500]);
  });

  it('keeps what is pending and what is young, whatever clock it goes by', async () => {
    const forecast = (daysAgo: number) => ({
      asset: 'BTC',
      horizonHours: 1,
      asOfMs: NOW - daysAgo * DAY,
      model: 'logHAR',
      version: '1',
      body: { daysAgo },
    });
    await insertForecasts(database.orm, [forecast(731), forecast(729)]);
    const addAt = (n: number, nowMs: number) => addToOutbox(database.orm, 't', [{ n }], nowMs);
    await addAt(1, WALL - 9 * DAY);
    await relayOutbox(database, async () => undefined, { nowMs: WALL - 8 * DAY });
    await addAt(2, WALL - 9 * DAY);
    const put = (key: string, nowMs: number, sequence: bigint) =>
      putPositions(database, {
        protocol: 'alpha',
        account: 'a',
        sequence,
        cashWad: sequence,
        positions: [],
        marketTimeMs: NOW,
        idempotencyKey: key,
        nowMs,
      });
    await put('old', WALL - 8 * DAY, 1n);
    await put('young', WALL - 6 * DAY, 2n);
    expect(await run()).toMatchObject({ forecasts: 1, dispatched: 1, idempotencyKeys: 1 });
    expect((await latestForecasts(database.orm, 'BTC')).map(({ body }) => body)).toEqual([{ daysAgo: 729 }]);
    expect((await outboxBacklog(database.orm)).pending).toBe(3);
    expect((await put('young', WALL, 2n)).replayed).toBe(true);
  });
});
