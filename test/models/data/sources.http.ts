import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { binanceCandles, binanceFunding } from '../../../models/data/sources/binance.ts';
import { coinbaseCandles } from '../../../models/data/sources/coinbase.ts';
import type { CandleSource } from '../../../models/data/sources/history-source.ts';
import { pythBenchmarksCandles } from '../../../models/data/sources/pyth-benchmarks.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { type HistoryServer, startHistoryServer } from '../../helpers/history-server.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const bars = syntheticBars(400, 171);
const payments = [0, 8, 16, 24].map((hour) => ({ tsMs: START_MS + hour * MS_PER_HOUR, rate: 1e-5 * hour }));
const fast = { spacingMs: 0, backoffMs: 1 };
const signal = new AbortController().signal;
const at = (hour: number) => START_MS + hour * MS_PER_HOUR;
let server: HistoryServer;
beforeEach(async () => {
  server = await startHistoryServer(bars, payments);
});
afterEach(() => server.stop());

const sources: readonly [string, string, () => CandleSource][] = [
  ['binance', 'BTCUSDT', () => binanceCandles(server.url, fast)],
  ['coinbase', 'BTC-USD', () => coinbaseCandles(server.url, fast)],
  ['pyth-benchmarks', 'Crypto.BTC/USD', () => pythBenchmarksCandles(server.url, fast)],
];
const expected = (source: CandleSource, list: readonly HourlyBar[]) =>
  source.hasVolume ? list : list.map((bar) => ({ ...bar, volume: 0 }));

describe.each(sources)('%s', (name, symbol, open) => {
  it('gives the bars of [from, to) in order, whatever else and in whatever order the server gives', async () => {
    const source = open();
    expect(source.name).toBe(name);
    const want = expected(source, bars.slice(10, 110));
    const clean = { malformed: 0, contradictory: 0 };
    expect(await source.candles(symbol, at(10), at(110), signal)).toEqual({ bars: want, leftOut: clean });
    server.faults.rows = (rows) => [...rows].reverse();
    expect((await source.candles(symbol, at(10), at(110), signal)).bars).toEqual(want);
    server.faults.rows = (rows) => [...rows, ...rows.slice(0, 7)];
    expect(await source.candles(symbol, at(10), at(110), signal)).toEqual({ bars: want, leftOut: clean });
    expect((await source.candles(symbol, at(5_000), at(5_010), signal)).bars).toEqual([]);
  });

  it('waits as long as it is told, tries again, and gives up with the reason', async () => {
    const source = open();
    server.faults.statuses = [429, 418, 503];
    expect((await source.candles(symbol, at(0), at(2), signal)).bars).toHaveLength(2);
    expect(server.requests).toHaveLength(4);
    server.faults.statuses = [429];
    server.faults.retryAfter = '1';
    const before = performance.now();
    await source.candles(symbol, at(0), at(2), signal);
    expect(performance.now() - before).toBeGreaterThan(900);
    server.faults.statuses = [429];
    server.faults.retryAfter = '86400';
    await expect(source.candles(symbol, at(0), at(2), signal)).rejects.toMatchObject({
      type: 'history-source',
      message: expect.stringMatching(/answers 429, not again before 86400 s$/),
    });
    server.faults.statuses = [400];
    await expect(source.candles(symbol, at(0), at(2), signal)).rejects.toThrow(/answers 400$/);
    server.faults.statuses = [500, 500, 500, 500, 500, 500];
    server.faults.retryAfter = null;
    await expect(source.candles(symbol, at(0), at(2), signal)).rejects.toThrow(/answers 500$/);
    const { url } = server;
    await server.stop();
    await expect(source.candles(symbol, at(0), at(2), signal)).rejects.toMatchObject({ retryable: true });
    server = await startHistoryServer(bars);
    expect(url).not.toBe('');
  });

  it('leaves out what is no bar and what contradicts itself, and counts it', async () => {
    const source = open();
    const spoil = (row: unknown, price: number): unknown => {
      if (name === 'pyth-benchmarks') return { ...(row as HourlyBar), high: price };
      const copy = [...(row as unknown[])];
      copy[2] = name === 'binance' ? String(price) : price;
      return copy;
    };
    server.faults.rows = (rows) =>
      rows.flatMap((row, i) => {
        if (i === 3) return [spoil(row, 1e-9)];
        return i === 5 ? [row, spoil(row, 1e9)] : [row];
      });
    const { bars: found, leftOut } = await source.candles(symbol, at(10), at(30), signal);
    expect(leftOut).toEqual({ malformed: 1, contradictory: 1 });
    expect(found).toHaveLength(18);
    server.faults.rows = () => [];
    expect((await source.candles(symbol, at(10), at(30), signal)).bars).toEqual([]);
  });
});

describe('what real servers say', () => {
  it('is read: a kline of Binance as its API gave it', async () => {
    const row = [
      1624557600000,
      '34970.90000000',
      '35047.03000000',
      '34800.01000000',
      '35047.03000000',
      '0.41947200',
      1624561199999,
      '14686.87819470',
      37,
      '0.41391700',
      '14492.85555020',
      '0',
    ];
    server.faults.rows = () => [row];
    const source = binanceCandles(server.url, fast);
    expect((await source.candles('BTCUSDT', 1624557600000, 1624561200000, signal)).bars).toEqual([
      {
        tsMs: 1624557600000,
        open: 34970.9,
        high: 35047.03,
        low: 34800.01,
        close: 35047.03,
        volume: 0.419472,
      },
    ]);
    expect(server.requests[0]!.search).toBe(
      '?symbol=BTCUSDT&interval=1h&startTime=1624557600000&endTime=1624561199999&limit=1000',
    );
  });

  it('is read: funding stamped some milliseconds late', async () => {
    const source = binanceFunding(server.url, fast);
    expect(await source.funding('BTCUSDT', at(1), at(24), signal)).toEqual(payments.slice(1, 3));
  });

  it('is refused when it is something else', async () => {
    server.faults.rows = () => ({ code: -1121 }) as never;
    for (const source of [binanceCandles(server.url, fast), coinbaseCandles(server.url, fast)]) {
      await expect(source.candles('X', at(0), at(2), signal)).rejects.toThrow(/the answer is not a list/);
    }
    const error = { s: 'error', errmsg: 'unknown_symbol' };
    const real = globalThis.fetch;
    globalThis.fetch = async () => new Response(JSON.stringify(error));
    try {
      const pyth = pythBenchmarksCandles(server.url, fast);
      await expect(pyth.candles('X', at(0), at(2), signal)).rejects.toThrow(/unknown_symbol/);
    } finally {
      globalThis.fetch = real;
    }
  });
});
