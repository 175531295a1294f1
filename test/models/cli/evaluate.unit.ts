import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseTime } from '../../../models/cli/arguments.ts';
import { evaluate } from '../../../models/cli/evaluate.ts';
import { formatScores } from '../../../models/evaluation/format-table.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { syntheticBars } from '../synthetic.ts';

const csv = (bars: readonly HourlyBar[]) =>
  [
    'ts,open,high,low,close,volume',
    ...bars.map((b) => [b.tsMs, b.open, b.high, b.low, b.close, b.volume].join(',')),
  ].join('\n');

describe('npm run evaluate', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'breakwater-evaluate-'));
    await writeFile(join(dir, 'binance_spot_BTCUSDT_1h.csv.gz'), gzipSync(csv(syntheticBars(9600, 61))));
    const coin = syntheticBars(9600, 62);
    await writeFile(join(dir, 'coin.csv'), csv(coin));
    await writeFile(join(dir, 'gap.csv'), csv(coin.filter((_, i) => i < 9300 || i >= 9312)));
    await writeFile(join(dir, 'empty.csv'), '');
    await writeFile(join(dir, 'header.csv'), csv([]));
    await writeFile(join(dir, 'twice.csv'), csv([...coin.slice(0, 50), ...coin.slice(49, 100)]));
    const half = coin.slice(0, 50).flatMap((b) => [b, { ...b, tsMs: b.tsMs + 1_800_000 }]);
    await writeFile(join(dir, 'half.csv'), csv(half));
    await writeFile(join(dir, 'hole.csv'), csv([...coin.slice(0, 10), ...coin.slice(9000)]));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('scores every baseline on files found by name and on files named, over any range', async () => {
    const heard: string[] = [];
    const range = ['--from', '2023-01-22', '--to', '2023-01-25'];
    const scores = await evaluate(['--data', dir, '--assets', 'BTC,NEW=coin.csv', ...range], (line) =>
      heard.push(line),
    );
    expect(scores.map((one) => one.asset)).toEqual(['BTC', 'NEW']);
    for (const { horizons } of scores) {
      expect(horizons.map((one) => one.n)).toEqual(new Array(30).fill(72));
      for (const one of horizons) expect(one.qlike).toBeGreaterThan(0);
    }
    expect(heard.some((line) => line.startsWith('BTC: no data of ETH'))).toBe(true);
    const text = formatScores(scores[0]!);
    expect(text).toContain('BTC 24 h, n = 72 hours');
    expect(text.split('\n').filter((line) => line.startsWith('logHARX168'))).toHaveLength(4);
  });

  it('scores no target that holds a missing hour', async () => {
    const range = ['--from', '2023-01-22', '--to', '2023-01-25'];
    const [gap] = await evaluate(['--data', dir, '--assets', 'GAP=gap.csv', ...range], () => {});
    // Twelve hours from row 9300 on: the decisions of rows 9299 .. 9310 miss their next hour, those of 24 h 23 rows before too.
    const n = (h: number) => gap!.horizons.find((one) => one.horizonHours === h)!.n;
    expect([n(1), n(4), n(24)]).toEqual([60, 57, 37]);
  });

  it('reads a time without an offset as UTC and one with an offset as what it says', () => {
    expect(parseTime('--from', '2024-02-29')).toBe(Date.UTC(2024, 1, 29));
    expect(parseTime('--from', '2024-02-29T05:00')).toBe(Date.UTC(2024, 1, 29, 5));
    expect(parseTime('--from', '2024-02-29T05:00:00.000Z')).toBe(Date.UTC(2024, 1, 29, 5));
    expect(parseTime('--from', '2024-02-29T05:00+03:00')).toBe(Date.UTC(2024, 1, 29, 2));
    for (const text of ['2023-02-29', '2024-04-31', '24-01-01', '2024-01-01 05:00', '2024-01-01T25:00', ''])
      expect(() => parseTime('--from', text)).toThrow('is not a date');
  });

  it.each([
    [[], /--data: is missing/],
    [['--data', 'DIR', '--assets', 'DOGE'], /no candle file for DOGE/],
    [['--data', 'DIR', '--from', '2023-02-30'], /--from: "2023-02-30" is not a date/],
    [['--data', 'DIR', '--to', '2023-01-01T00:30'], /--to: "2023-01-01T00:30" is not a full hour/],
    [['--data', 'DIR', '--assets', 'X=empty.csv'], /empty\.csv:1: header must be/],
    [['--data', 'DIR', '--assets', 'X=header.csv'], /header\.csv:1: holds no candle/],
    [['--data', 'DIR', '--assets', 'X=twice.csv'], /twice\.csv:52: ts \d+ appears twice/],
    [['--data', 'DIR', '--assets', 'X=half.csv'], /half\.csv:3: ts \d+ is not a full hour/],
    [['--data', 'DIR', '--assets', 'X=hole.csv'], /hole\.csv:12: 8990 hours are missing before 2023-01-11T/],
    [
      ['--data', 'DIR', '--assets', 'BTC', '--from', '2030-01-01', '--to', '2030-02-01'],
      /no hour of the range/,
    ],
    [['--data', 'DIR', '--from', '2023-02-30x'], /--from: "2023-02-30x" is not a date/],
    [['--data', 'DIR', '--from', '2023-02-01', '--to', '2023-01-01'], /--to: must be after --from/],
    [['--data', 'DIR', '--assets', 'BTC', '--model', '/nowhere'], /model artifact \/nowhere: cannot be read/],
    [['--data', 'DIR', '--assets', 'BTC,BTC'], /BTC is named twice/],
    [['--data', 'DIR', '--assets', '../x'], /is not NAME or NAME=FILE/],
    [['--data', 'DIR', '--speed', '9'], /Unknown option '--speed'/],
    [['--data', 'DIR', '--assets', 'BTC', '--refit', '--seeds', 'a'], /--seeds: "a" is not a list/],
    [['--data', 'DIR', '--assets', 'BTC', '--refit', '--backend', 'gpu'], /--backend: "gpu" is not one of/],
  ])('refuses %j', async (argv, message) => {
    const real = argv.map((one) => (one === 'DIR' ? dir : one));
    await expect(evaluate(real, () => {})).rejects.toThrow(message);
  });
});
