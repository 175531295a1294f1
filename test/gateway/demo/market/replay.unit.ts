import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CandleFileNameError, NotEnoughHistoryError } from '../../../../gateway/demo/market/errors.ts';
import { DEFAULT_PARAMETERS } from '../../../../gateway/demo/market/parameters.ts';
import { createRandom } from '../../../../gateway/demo/market/random.ts';
import { MarketReplay } from '../../../../gateway/demo/market/replay.ts';
import { readReplayData } from '../../../../gateway/demo/market/replay-data.ts';
import type { Candle } from '../../../../models/data/candle-file.ts';

const HOUR = 3_600_000;
const FIRST = Date.UTC(2023, 0, 1);
/** 14 months later. */
const START = Date.UTC(2024, 2, 1);
const HOURS_TO_START = (START - FIRST) / HOUR;
const AFTER = 6;
/** The hour without a candle, after the start. */
const HOLE = HOURS_TO_START + 3;

/** A walk of hourly candles with open gaps; one hour before the start and one after it are missing. */
function candles(count: number, seed = 1): Candle[] {
  const random = createRandom(seed, 'candles');
  let close = 2000;
  const all: Candle[] = [];
  for (let k = 0; k < count; k++) {
    const open = round(close * Math.exp(0.0002 * random.normal()));
    close = round(open * Math.exp(0.005 * random.normal()));
    const high = round(Math.max(open, close) * (1 + 0.003 * random.exponential()));
    const low = round(Math.min(open, close) / (1 + 0.003 * random.exponential()));
    if (k !== 100 && k !== HOLE) all.push({ tsMs: FIRST + k * HOUR, open, high, low, close, volume: 10 });
  }
  return all;
}
const round = (value: number) => Number(value.toFixed(2));
const csv = (rows: readonly Candle[]) =>
  [
    'ts,open,high,low,close,volume',
    ...rows.map((c) => [c.tsMs, c.open, c.high, c.low, c.close, c.volume].join(',')),
  ].join('\n');

let folder: string;
const rows = candles(HOURS_TO_START + AFTER);
const write = async (name: string, data: readonly Candle[]) => {
  const file = join(folder, name);
  await writeFile(file, name.endsWith('.gz') ? gzipSync(csv(data)) : csv(data));
  return file;
};
const read = (files: readonly string[], startMs: number | null = null, months = 14) =>
  readReplayData(files, { startMs, months });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'breakwater-replay-'));
  await write('x_spot_ETHUSDT_1h.csv.gz', rows);
});
afterAll(() => rm(folder, { recursive: true }));
const eth = () => join(folder, 'x_spot_ETHUSDT_1h.csv.gz');

describe('MarketReplay', () => {
  it('starts where 14 months of history are there, and takes them from the file with their hole', async () => {
    const market = new MarketReplay(await read([eth()]), 1);
    expect(market.startMs).toBe(START);
    expect(market.endMs).toBe(START + AFTER * HOUR);
    const history = market.history();
    expect(history.get('ETH')).toEqual(rows.filter(({ tsMs }) => tsMs < START));
    expect(history.get('ETH')!.length).toBe(HOURS_TO_START - 1);
    for (const asset of ['BTC', 'SOL', 'USDC'] as const)
      expect(history.get(asset)!.length).toBe(HOURS_TO_START);
    expect(market.current().assets.ETH.price).toBe(rows.find(({ tsMs }) => tsMs === START)!.open);
    expect(market.current().assets.BTC.price).toBe(DEFAULT_PARAMETERS.startPrice.BTC);
  });

  it('passes through open, high, low and close of every candle, flat in the missing hour, and ends', async () => {
    const market = new MarketReplay(await read([eth()]), 1);
    const seconds: number[] = [market.current().assets.ETH.price];
    while (seconds.length < AFTER * 3600) seconds.push(market.step(1).assets.ETH.price);
    for (let hour = 0; hour < AFTER; hour++) {
      const path = seconds.slice(hour * 3600, (hour + 1) * 3600);
      const candle = rows.find(({ tsMs }) => tsMs === START + hour * HOUR);
      const { open, high, low, close } =
        candle ?? rows.find(({ tsMs }) => tsMs === START + (hour - 1) * HOUR)!;
      const expected = candle ? [open, high, low, close] : [close, close, close, close];
      expect([path[0], Math.max(...path), Math.min(...path), path.at(-1)]).toEqual(expected);
    }
    expect(market.current().finished).toBe(false);
    const end = market.step(100);
    expect(end).toMatchObject({ timeMs: START + AFTER * HOUR, finished: true });
    expect(end.assets.ETH.price).toBe(rows.at(-1)!.close);
    expect(market.step(60).timeMs).toBe(START + AFTER * HOUR);
  });

  it('is the same for the same seed, however the steps fall', async () => {
    const data = await read([eth()]);
    const whole = new MarketReplay(data, 3).step(5000);
    const market = new MarketReplay(data, 3);
    for (const seconds of [1, 30, 1969, 3000]) market.step(seconds);
    expect(market.current()).toEqual(whole);
    expect(new MarketReplay(data, 4).step(5000)).not.toEqual(whole);
  });

  it('lets assets without a file follow with the stated beta', async () => {
    const market = new MarketReplay(await read([eth()]), 1);
    const { baseVolatility, correlation } = DEFAULT_PARAMETERS;
    const beta = (correlation[1]![2]! * baseVolatility.SOL) / baseVolatility.ETH;
    expect(market.description).toContain(`SOL follows ETH with beta ${beta.toFixed(2)}`);
    const returns = (asset: 'ETH' | 'SOL') => {
      const bars = new Map(
        market
          .history()
          .get(asset)!
          .map((bar) => [bar.tsMs, bar]),
      );
      return (tsMs: number) => Math.log(bars.get(tsMs)!.close / bars.get(tsMs - HOUR)!.close);
    };
    const [leader, follower] = [returns('ETH'), returns('SOL')];
    let [product, square] = [0, 0];
    for (const { tsMs } of rows.filter(
      (row, k) => row.tsMs < START && rows[k - 1]?.tsMs === row.tsMs - HOUR,
    )) {
      product += leader(tsMs) * follower(tsMs);
      square += leader(tsMs) ** 2;
    }
    expect(Math.abs(product / square - beta)).toBeLessThan(0.1);
  });

  it('takes the start that is asked for, when its history suffices', async () => {
    expect((await read([eth()], START + 2 * HOUR)).startMs).toBe(START + 2 * HOUR);
    const early = read([eth()], START - 24 * HOUR);
    await expect(early).rejects.toThrow(NotEnoughHistoryError);
    await expect(early).rejects.toThrow(
      `${eth()}: 14 months of history are needed before 2024-02-29 00:00, from 2022-12-29 00:00 on; ` +
        'it holds 2023-01-01 00:00 to 2024-03-01 06:00',
    );
    await expect(read([eth()], START + AFTER * HOUR)).rejects.toThrow(
      'nothing is left to replay from 2024-03-01 06:00 on',
    );
    await expect(read([eth()], START + 1)).rejects.toThrow('--start: must be a full hour');
  });

  it('refuses a file that is too short, saying how much is there', async () => {
    const short = await write('x_spot_BTCUSDT_1h.csv', rows.slice(0, 1000));
    await expect(read([short])).rejects.toThrow(
      `${short}: no day has 14 months of history behind it and prices to replay; there are 1000 hourly bars over 1.4 months; ` +
        'it holds 2023-01-01 00:00 to 2023-02-11 17:00',
    );
    await expect(read([eth(), short])).rejects.toThrow(NotEnoughHistoryError);
  });

  it('refuses a history that is mostly holes', async () => {
    const thin = await write(
      'x_spot_SOLUSD_1h.csv',
      rows.filter((_, k) => k < 3000 || k > 5000),
    );
    await expect(read([thin])).rejects.toThrow('there are 8203 hourly bars over 14.0 months');
    await expect(read([thin], START)).rejects.toThrow(
      /only 8198 of the 10200 hours before 2024-03-01 00:00 have a bar/,
    );
  });

  it('refuses two files of one asset, an empty one and a broken line, each by its name', async () => {
    const twin = await write('y_spot_ETHUSD_1h.csv', rows);
    await expect(read([eth(), twin])).rejects.toThrow(`${twin}: holds ETH like ${eth()}`);
    const empty = await write('z_spot_ETHUSD_1h.csv', []);
    await expect(read([empty])).rejects.toThrow(CandleFileNameError);
    const broken = join(folder, 'b_spot_ETHUSD_1h.csv');
    await writeFile(broken, 'ts,open,high,low,close,volume\n1672531200000,1,NaN,1,1,0\n');
    await expect(read([broken])).rejects.toThrow(`${broken}:2: high is not a number`);
    await expect(read([join(folder, 'absent_spot_ETHUSD_1h.csv')])).rejects.toThrow('cannot be read');
    const shifted = rows.map((row) => ({ ...row, tsMs: row.tsMs + 300_000 }));
    const uneven = await write('u_spot_ETHUSD_1h.csv', shifted);
    await expect(read([uneven])).rejects.toThrow(
      `${uneven}: its candles are not of the interval in its name: candles[0].tsMs: ${FIRST + 300_000} is not on the step`,
    );
    await expect(read([])).rejects.toThrow('--data: needs at least one file');
  });

  it('replays finer candles too, with hourly bars made from them', async () => {
    const fine = rows.flatMap((row) => [
      { ...row, high: Math.max(row.open, row.low), close: row.low },
      { ...row, tsMs: row.tsMs + 900_000, open: row.low, close: row.high },
      {
        ...row,
        tsMs: row.tsMs + 1_800_000,
        open: row.high,
        close: row.close,
        low: Math.min(row.high, row.close),
      },
      { ...row, tsMs: row.tsMs + 2_700_000, open: row.close, high: row.close, low: row.close },
    ]);
    const file = await write('x_spot_BTCUSDT_15m.csv.gz', fine);
    const market = new MarketReplay(await read([file]), 1);
    const expected = rows.filter(({ tsMs }) => tsMs < START).map((row) => ({ ...row, volume: 40 }));
    expect(market.history().get('BTC')).toEqual(expected);
    const quarter = Array.from(
      { length: 900 },
      (_, k) => (k === 0 ? market.current() : market.step(1)).assets.BTC.price,
    );
    const first = rows.find(({ tsMs }) => tsMs === START)!;
    expect([quarter[0], Math.min(...quarter), quarter.at(-1)]).toEqual([first.open, first.low, first.low]);
  });
});
