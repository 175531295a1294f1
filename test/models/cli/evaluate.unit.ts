import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
    await writeFile(join(dir, 'coin.csv'), csv(syntheticBars(9600, 62)));
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

  it.each([
    [[], /--data: is missing/],
    [['--data', 'DIR', '--assets', 'DOGE'], /no candle file for DOGE/],
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
