import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FORECASTS_CHANNEL, listen } from '../../../db/channels.ts';
import { candleGaps } from '../../../db/queries/candle-gaps.ts';
import { readCandles, upsertCandles } from '../../../db/queries/candles.ts';
import { readFunding } from '../../../db/queries/funding.ts';
import { backfillCandles, backfillFunding } from '../../../jobs/backfill/backfill.ts';
import { binanceCandles, binanceFunding } from '../../../models/data/sources/binance.ts';
import { pythBenchmarksCandles } from '../../../models/data/sources/pyth-benchmarks.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { type HistoryServer, startHistoryServer } from '../../helpers/history-server.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';
import { START_MS, syntheticBars } from '../../models/synthetic.ts';

const HOURS = 3_500;
const bars = syntheticBars(HOURS, 181);
const at = (hour: number) => START_MS + hour * MS_PER_HOUR;
const fast = { spacingMs: 0, backoffMs: 1 };
const payments = Array.from({ length: 2_500 }, (_, k) => ({
  tsMs: at(8 * k),
  rate: Number((1e-8 * k).toFixed(8)),
}));
const database = await useDatabase();
let server: HistoryServer;
beforeEach(async () => {
  // Five hours are not there at the source.
  server = await startHistoryServer(
    bars.filter((_, i) => i < 1_200 || i >= 1_205),
    payments,
  );
});
afterEach(() => server.stop());

const fill = (asset: string, over: Partial<Parameters<typeof backfillCandles>[0]> = {}) =>
  backfillCandles({
    database,
    asset,
    source: binanceCandles(server.url, fast),
    symbol: `${asset}USDT`,
    fromMs: at(0),
    toMs: at(HOURS),
    signal: new AbortController().signal,
    ...over,
  });

describe('the backfill', () => {
  it('stores everything with progress, leaves what the source lacks missing, and announces it', async () => {
    const told: unknown[] = [];
    const listener = listen({
      url: database.url,
      channels: [FORECASTS_CHANNEL],
      onMessage: (_, payload) => told.push(payload),
      onGap: () => told.push('listening'),
    });
    await until('listening', () => told.length === 1);
    const seen: number[] = [];
    const result = await fill('BTC', {
      onProgress: ({ doneHours, totalHours }) => seen.push(doneHours, totalHours),
    });
    expect(result).toEqual({ missing: HOURS, stored: HOURS - 5, absent: 5, malformed: 0, contradictory: 0 });
    expect(seen).toEqual([1000, HOURS, 2000, HOURS, 3000, HOURS, 3500, HOURS]);
    expect(await readCandles(database.orm, 'BTC')).toEqual(bars.filter((_, i) => i < 1_200 || i >= 1_205));
    await until('announced', () => told.length === 2);
    expect(told[1]).toEqual({ asset: 'BTC', backfilled: true });
    await listener.close();

    // A second run asks for the hole only.
    server.requests.length = 0;
    expect(await fill('BTC')).toMatchObject({ missing: 5, stored: 0, absent: 5 });
    expect(server.requests.map(({ searchParams }) => Number(searchParams.get('startTime')))).toEqual([
      at(1_200),
    ]);
  });

  it('goes on where it was cut off, asking for nothing twice', async () => {
    const cut = new AbortController();
    await expect(
      fill('ETH', { signal: cut.signal, onProgress: ({ doneHours }) => doneHours === 2000 && cut.abort() }),
    ).rejects.toThrow();
    const stored = await readCandles(database.orm, 'ETH');
    expect(stored).toHaveLength(1_995);
    server.requests.length = 0;
    expect(await fill('ETH')).toMatchObject({ missing: HOURS - 1_995, stored: 1_500, absent: 5 });
    const asked = server.requests.map(({ searchParams }) => Number(searchParams.get('startTime')));
    expect(asked).toEqual([at(1_200), at(2_000), at(3_000)]);
    expect(await readCandles(database.orm, 'ETH')).toHaveLength(HOURS - 5);
  });

  it('keeps what it has when the source breaks off for good', async () => {
    await expect(
      fill('SOL', {
        onProgress: ({ doneHours }) => {
          if (doneHours === 1000) server.faults.statuses = [403];
        },
      }),
    ).rejects.toMatchObject({ type: 'history-source' });
    expect(await readCandles(database.orm, 'SOL')).toHaveLength(1_000);
  });

  it('replaces bars without volume by bars with it, not the other way round', async () => {
    const volumeless = bars.slice(0, 50).map((bar) => ({ ...bar, volume: 0 }));
    const flat = { ...bars[50]!, open: 9, high: 9, low: 9, close: 9, volume: 0 };
    await upsertCandles(database.orm, 'ADA', [...volumeless, flat]);
    const range = { fromMs: at(0), toMs: at(51) };
    expect(await candleGaps(database.orm, 'ADA', range, false)).toEqual([]);
    expect(await candleGaps(database.orm, 'ADA', range, true)).toEqual([{ fromMs: at(0), toMs: at(50) }]);
    const pyth = pythBenchmarksCandles(server.url, fast);
    expect(await fill('ADA', { ...range, source: pyth })).toMatchObject({ missing: 0, stored: 0 });
    expect(await fill('ADA', range)).toMatchObject({ missing: 50, stored: 50 });
    expect(await readCandles(database.orm, 'ADA')).toEqual([...bars.slice(0, 50), flat]);
  });

  it('fills funding after the last known payment, page by page', async () => {
    const funding = (toMs: number) =>
      backfillFunding({
        database,
        coin: 'BTC',
        source: binanceFunding(server.url, fast),
        symbol: 'BTCUSDT',
        fromMs: at(0),
        toMs,
        signal: new AbortController().signal,
      });
    expect(await funding(at(8 * 2_400))).toBe(2_400);
    server.requests.length = 0;
    expect(await funding(at(8 * 2_500))).toBe(100);
    expect(Number(server.requests[0]!.searchParams.get('startTime'))).toBe(at(8 * 2_399) + 1);
    expect(await readFunding(database.orm, 'BTC')).toEqual(payments);
    expect(await funding(at(8 * 2_500))).toBe(0);
  });
});
