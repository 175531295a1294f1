import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { Orm } from '../../../db/connection.ts';
import {
  loadBufferSchedules,
  lockBufferSchedules,
  upsertBufferSchedule,
} from '../../../db/queries/buffer-schedules.ts';
import { lastCandle, readCandles, upsertCandles } from '../../../db/queries/candles.ts';
import {
  forecastsAt,
  forecastsInForce,
  insertForecasts,
  latestForecasts,
} from '../../../db/queries/forecasts.ts';
import { issuedForecasts } from '../../../db/queries/issued-forecasts.ts';
import {
  insertPriceSnapshots,
  latestPriceSnapshots,
  type PriceSnapshot,
  priceSnapshotAt,
} from '../../../db/queries/price-snapshots.ts';
import { useDatabase } from '../../helpers/use.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2024, 0, 1);
const database = await useDatabase();

describe('candles', () => {
  const bar = (i: number, close = 100 + i) => ({
    tsMs: T0 + i * HOUR,
    open: 99.1 + i,
    high: 102.00000000000001 + i,
    low: 0.1 + 0.2,
    close,
    volume: 1e-17 * i,
  });

  it('are stored in batches, bit for bit, and read in order within a half-open range', async () => {
    const bars = Array.from({ length: 2_503 }, (_, i) => bar(i));
    await upsertCandles(database.orm, 'BTC', [...bars].reverse());
    expect(await readCandles(database.orm, 'BTC')).toEqual(bars);
    const range = { fromMs: T0 + 10 * HOUR, toMs: T0 + 12 * HOUR };
    expect(await readCandles(database.orm, 'BTC', range)).toEqual([bars[10], bars[11]]);
    expect(await lastCandle(database.orm, 'BTC')).toEqual(bars[2_502]);
    expect(await lastCandle(database.orm, 'ETH')).toBeNull();
  });

  it('replace the candle of the same hour; the last of two in one call counts', async () => {
    await upsertCandles(database.orm, 'SOL', [bar(1, 5), bar(1, 6)]);
    await upsertCandles(database.orm, 'SOL', [bar(2, 7)]);
    expect((await readCandles(database.orm, 'SOL')).map(({ close }) => close)).toEqual([6, 7]);
    await upsertCandles(database.orm, 'SOL', [bar(1, 8)]);
    expect((await readCandles(database.orm, 'SOL')).map(({ close }) => close)).toEqual([8, 7]);
    await upsertCandles(database.orm, 'SOL', []);
  });
});

describe('price snapshots', () => {
  const snapshot = (over: Partial<PriceSnapshot>): PriceSnapshot => ({
    feed: 'BTC-USD',
    asOfMs: T0 + 1_500,
    bucketMs: T0,
    base: 'BTC',
    quoteAsset: 'USD',
    priceWad: 2n ** 200n + 1n,
    confidenceWad: 5n,
    market: { priceWad: 2n ** 200n + 1n },
    verdicts: { open: { usable: true, reasons: [] } },
    votes: [{ sourceId: 'chainlink:hub', priceWad: 3n, ageMs: null }],
    memory: { lastGood: null, ema1hWad: 3n },
    configHash: '0xabc',
    ...over,
  });

  it('keep the first of a feed and interval, exactly', async () => {
    expect(await insertPriceSnapshots(database.orm, [snapshot({})])).toBe(1);
    const again = snapshot({ asOfMs: T0 + 2_000, priceWad: 7n });
    expect(
      await insertPriceSnapshots(database.orm, [again, snapshot({ feed: 'ETH-USD', priceWad: null })]),
    ).toBe(1);
    expect(await priceSnapshotAt(database.orm, 'BTC-USD', T0 + 5_000)).toEqual(snapshot({}));
    expect((await priceSnapshotAt(database.orm, 'ETH-USD', T0 + 5_000))?.priceWad).toBeNull();
  });

  it('answer for a past moment with what was in force then, and with the newest per feed', async () => {
    await insertPriceSnapshots(database.orm, [
      snapshot({ asOfMs: T0 + 60_700, bucketMs: T0 + 60_000, priceWad: 11n }),
      snapshot({ asOfMs: T0 + 120_700, bucketMs: T0 + 120_000, priceWad: 12n }),
    ]);
    const at = async (ms: number) => (await priceSnapshotAt(database.orm, 'BTC-USD', T0 + ms))?.priceWad;
    expect(await at(1_499)).toBeUndefined();
    expect(await at(60_699)).toBe(2n ** 200n + 1n);
    expect(await at(60_700)).toBe(11n);
    expect(await at(1e9)).toBe(12n);
    const latest = await latestPriceSnapshots(database.orm);
    expect(latest.map(({ feed, priceWad }) => [feed, priceWad])).toEqual([
      ['BTC-USD', 12n],
      ['ETH-USD', null],
    ]);
    expect((await latestPriceSnapshots(database.orm, ['ETH-USD'])).map(({ feed }) => feed)).toEqual([
      'ETH-USD',
    ]);
    expect(await latestPriceSnapshots(database.orm, [])).toEqual([]);
  });
});

describe('forecasts', () => {
  const forecast = (hours: number, horizonHours: number, version = '1', asset = 'BTC') => ({
    asset,
    horizonHours,
    asOfMs: T0 + hours * HOUR,
    model: 'logHAR',
    version,
    body: { hours, quantiles: [{ p: 0.05, variance: 1e-9 }] },
  });

  it('are stored once per decision time, horizon and version', async () => {
    const rows = [forecast(1, 1), forecast(1, 24)];
    expect(await insertForecasts(database.orm, rows)).toBe(2);
    expect(await insertForecasts(database.orm, [...rows, forecast(1, 24, '2')])).toBe(1);
  });

  it('give the newest per horizon, and those in force at a past time', async () => {
    await insertForecasts(database.orm, [
      forecast(5, 1),
      forecast(5, 24),
      forecast(9, 1),
      forecast(9, 1, '1', 'ETH'),
    ]);
    const hours = (rows: readonly { horizonHours: number; body: unknown }[]) =>
      rows.map(({ horizonHours, body }) => [horizonHours, (body as { hours: number }).hours]);
    expect(hours(await latestForecasts(database.orm, 'BTC'))).toEqual([
      [1, 9],
      [24, 5],
    ]);
    expect(hours(await forecastsAt(database.orm, 'BTC', T0 + 8 * HOUR))).toEqual([
      [1, 5],
      [24, 5],
    ]);
    expect(hours(await forecastsAt(database.orm, 'BTC', T0))).toEqual([]);
    expect(await latestForecasts(database.orm, 'NONE')).toEqual([]);
    expect((await latestForecasts(database.orm, 'ETH'))[0]?.body).toEqual(forecast(9, 1, '1', 'ETH').body);
  });

  it('that were issued in a span: one per decision time, the one that was used last by its end', async () => {
    const issue = (
      assetName: string,
      hour: number,
      version: string,
      usedAt: number,
      high: number | null,
    ) => ({
      made: {
        ...{ asset: assetName, horizonHours: 24, asOfMs: T0 + hour * HOUR, model: 'm', version },
        body: {
          ...{ quantiles: [{ p: 0.5, variance: hour + high! }], onsetProbability: null },
          ...{ highVolatilityProbability: high, more: 'x' },
        },
      },
      usedAt: T0 + usedAt * HOUR,
    });
    const all = [
      issue('I1', 0, '1', 0, 0.1),
      issue('I1', 1, '1', 1, 0.2),
      // Made again when a network was loaded, and used from 2.5 h on.
      issue('I1', 1, '2', 2.5, 0.3),
      issue('I1', 2, '1', 2, 0.4),
      issue('I2', 1, '1', 1, 0.5),
      issue('I3', 1, '1', 1, 0.6),
    ];
    for (const [n, { made, usedAt }] of all.entries())
      await insertForecasts(database.orm, [made], T0 + n, usedAt);
    const issued = async (fromHour: number, toHour: number) => {
      const span = { fromMs: T0 + fromHour * HOUR, toMs: T0 + toHour * HOUR };
      const rows = await issuedForecasts(database.orm, { assets: ['I1', 'I2'], horizonHours: 24, ...span });
      return rows.map((row) => [row.asset, (row.asOfMs - T0) / HOUR, row.highVolatilityProbability]);
    };
    expect(await issued(1, 3)).toEqual([
      ['I1', 1, 0.3],
      ['I1', 2, 0.4],
      ['I2', 1, 0.5],
    ]);
    expect(await issued(1, 2)).toEqual([
      ['I1', 1, 0.2],
      ['I1', 2, 0.4],
      ['I2', 1, 0.5],
    ]);
    const [first] = await issuedForecasts(database.orm, {
      ...{ assets: ['I1'], horizonHours: 24, fromMs: T0, toMs: T0 },
    });
    expect(first).toEqual({
      ...{ asset: 'I1', asOfMs: T0, quantiles: [{ p: 0.5, variance: 0.1 }] },
      ...{ highVolatilityProbability: 0.1, onsetProbability: null },
    });
    const none = { assets: [], horizonHours: 24, fromMs: T0, toMs: T0 };
    expect(await issuedForecasts(database.orm, none)).toEqual([]);
  });

  it('read as many rows as they give, whatever the history', async () => {
    await database.orm.execute(sql`
      insert into forecasts (asset, horizon_hours, as_of, model, version, body, created_at)
      select asset, horizon, ${new Date(T0).toISOString()}::timestamptz + n * interval '1 hour', 'logHAR', '1', '{}',
        now()
      from unnest(array['A', 'B', 'C', 'D']) asset, unnest(array[1, 4, 24]) horizon, generate_series(1, 2000) n
    `);
    await database.orm.execute(sql`analyze forecasts`);
    const readBy = (query: (orm: Orm) => Promise<readonly unknown[]>) =>
      database.transaction(async (tx) => {
        const answer = await query(tx);
        const found = await tx.execute(sql`
          select seq_tup_read + coalesce(idx_tup_fetch, 0) as read
          from pg_stat_xact_user_tables where relname = 'forecasts'`);
        return { answered: answer.length, read: Number(found.rows[0]?.read) };
      });
    for (const query of [
      (orm: Orm) => latestForecasts(orm, 'C'),
      (orm: Orm) => forecastsAt(orm, 'C', T0 + 1_500 * HOUR),
      (orm: Orm) => forecastsInForce(orm, 'C', T0 + 1_500 * HOUR),
    ]) {
      const { answered, read } = await readBy(query);
      expect(answered).toBe(3);
      // Some rows of the same end are read ahead to be put in order; the history holds 6000 of this asset.
      expect(read).toBeGreaterThanOrEqual(3);
      expect(read).toBeLessThan(300);
    }
    expect((await forecastsAt(database.orm, 'C', T0 + 1_500 * HOUR)).map((one) => one.asOfMs)).toEqual(
      [1, 4, 24].map(() => T0 + 1_500 * HOUR),
    );
  });
});

describe('buffer schedules', () => {
  const entry = (updatedAtMs: number, factor: number) => ({
    asset: 'BTC',
    horizonHours: 24,
    key: 'q0.95',
    updatedAtMs,
    schedule: { factor, steps: new Map([[1, 2n]]) },
  });

  it('are never overwritten by an older one or one of the same time', async () => {
    expect(await upsertBufferSchedule(database.orm, entry(T0 + HOUR, 1.5))).toBe(true);
    expect(await upsertBufferSchedule(database.orm, entry(T0, 1.1))).toBe(false);
    expect(await upsertBufferSchedule(database.orm, entry(T0 + HOUR, 1.2))).toBe(false);
    expect(await loadBufferSchedules(database.orm)).toEqual([entry(T0 + HOUR, 1.5)]);
    expect(await upsertBufferSchedule(database.orm, entry(T0 + 2 * HOUR, 1.7))).toBe(true);
    const locked = await database.transaction((tx) => lockBufferSchedules(tx, 'BTC'));
    expect(locked).toEqual([entry(T0 + 2 * HOUR, 1.7)]);
  });

  it('are kept apart by key', async () => {
    const other = { ...entry(T0, 1.1), asset: 'ETH' };
    await upsertBufferSchedule(database.orm, other);
    await upsertBufferSchedule(database.orm, { ...other, key: 'q0.99' });
    expect((await loadBufferSchedules(database.orm)).map(({ asset, key }) => [asset, key])).toEqual([
      ['BTC', 'q0.95'],
      ['ETH', 'q0.95'],
      ['ETH', 'q0.99'],
    ]);
  });
});
