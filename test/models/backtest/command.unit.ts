import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backtest } from '../../../models/cli/backtest.ts';
import { syntheticBars } from '../synthetic.ts';

describe('npm run backtest', () => {
  let dir: string;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'breakwater-backtest-'));
    const rows = syntheticBars(19_200, 71).map((b) =>
      [b.tsMs, b.open, b.high, b.low, b.close, b.volume].join(','),
    );
    const csv = ['ts,open,high,low,close,volume', ...rows].join('\n');
    await writeFile(join(dir, 'binance_spot_BTCUSDT_1h.csv.gz'), gzipSync(csv));
  });
  afterAll(() => rm(dir, { recursive: true }));

  it('scores four models on both sides under every policy and writes the report', async () => {
    const html = join(dir, 'report.html');
    const argv = [
      '--data',
      dir,
      '--assets',
      'BTC',
      '--from',
      '2024-02-20',
      '--to',
      '2024-03-10',
      '--html',
      html,
      '--out',
      join(dir, 'out'),
    ];
    const heard: string[] = [];
    const { scores, crashes, goals, frontier } = await backtest(argv, (line) => heard.push(line));
    // 456 hours are fewer than an account's holding time.
    expect(frontier).toEqual([]);
    expect(heard).toContain(
      'BTC: too few hours with all margins for a book of accounts (more than 720 needed)',
    );
    expect((await readdir(join(dir, 'out'))).sort()).toEqual([
      'margins-BTC-long.svg',
      'margins-BTC-short.svg',
      'policies-BTC-long.svg',
      'policies-BTC-short.svg',
      'tables.md',
      'trade-off-BTC-long.svg',
      'trade-off-BTC-short.svg',
    ]);
    expect(await readFile(join(dir, 'out', 'tables.md'), 'utf8')).toContain(
      'Made by `npm run backtest -- --data DIR --from 2024-02-20 --to 2024-03-10`',
    );
    expect(scores).toHaveLength(4 * 2 * 5);
    expect([...new Set(scores.map((one) => one.model))]).toEqual([
      'historical simulation',
      'EWMA',
      'GARCH-t',
      'logHARX168',
    ]);
    expect(new Set(scores.map((one) => one.observations))).toEqual(new Set([19]));
    expect(crashes).toEqual([]);
    expect(goals[0]!.of).toBe(8);
    expect(await readFile(html, 'utf8')).toContain('<h1>Margin backtest</h1>');
  });

  it.each([
    [[], /--data: is missing/],
    [
      ['--data', 'DIR', '--assets', 'BTC', '--from', '2023-02-01', '--to', '2023-01-01'],
      /--to: must be after/,
    ],
    [
      ['--data', 'DIR', '--assets', 'BTC', '--from', '2022-06-01', '--to', '2022-07-01'],
      /no day of the range/,
    ],
    [['--data', 'DIR', '--assets', 'BTC', '--accounts', '-1'], /Option '--accounts' argument is ambiguous/],
    [['--data', 'DIR', '--assets', 'BTC', '--accounts', '1.5'], /--accounts: "1.5" is not a whole number/],
    [['--data', 'DIR', '--assets', 'BTC', '--seed', 'x'], /--seed: "x" is not a whole number/],
    [['--data', 'DIR', '--assets', 'BTC', '--speed', '9'], /Unknown option '--speed'/],
  ])('refuses %j', async (argv, message) => {
    const real = argv.map((one) => (one === 'DIR' ? dir : one));
    await expect(backtest(real, () => {})).rejects.toThrow(message);
  });
});
