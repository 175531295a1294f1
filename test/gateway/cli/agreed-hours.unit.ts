import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agrees, countAgreedHours } from '../../../gateway/cli/agreed-hours.ts';
import { hourCloses, venueFiles } from '../../../gateway/cli/venue-files.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2024, 11, 31, 22);
const venue = (name: string, prices: readonly (number | null)[]) => ({
  name,
  closes: new Map(
    prices.flatMap((price, index) => {
      const atMs = START + (index + 1) * HOUR;
      return price === null ? [] : [[atMs, { price, atMs }] as const];
    }),
  ),
});

describe('agreed hours', () => {
  it('three within 50 bp agree, whatever a fourth says', () => {
    expect(agrees([100, 100.5, 100.2])).toBe(true);
    expect(agrees([100, 100.51, 100.2])).toBe(false);
    expect(agrees([100, 150, 100.5, 100.2])).toBe(true);
    expect(agrees([100, 100])).toBe(false);
  });

  it('counts per year, and a jump of a small token that nothing proves as refused', () => {
    const prices = [100, 100, 200, null];
    const venues = [venue('a', prices), venue('b', prices), venue('c', [100, 100, 200, 200])];
    const counts = countAgreedHours('ABC', 'stable', venues);
    expect(counts.map(({ year, hours, agreed, refused }) => [year, hours, agreed, refused])).toEqual([
      [2024, 2, 2, 0],
      [2025, 1, 1, 1],
    ]);
    expect([...counts[1]!.reasons]).toEqual([['jump', 1]]);
    expect(countAgreedHours('BTC', 'major', venues)[1]!.refused).toBe(0);
  });
});

describe('files of venues', () => {
  let directory = '';
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'venues-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const write = (name: string, rows: readonly string[] = []) =>
    writeFileSync(join(directory, name), ['ts,open,high,low,close,volume', ...rows, ''].join('\n'));

  it('takes one file per venue: spot and dollars first, hourly before finer', () => {
    write('a_perp_BTCUSDT_1h.csv');
    write('a_spot_BTCUSDT_5m.csv');
    write('b_spot_BTCUSD_1h.csv');
    write('b_spot_BTCUSD_5m.csv');
    write('c_spot_BTCUSDT_15m.csv');
    write('c_spot_ETHUSDT_15m.csv');
    write('c_mark_BTCUSDT_1h.csv');
    const files = venueFiles(directory, 3);
    expect([...files.keys()]).toEqual(['BTC']);
    expect(files.get('BTC')!.map(({ file }) => file.slice(directory.length + 1))).toEqual([
      'a_spot_BTCUSDT_5m.csv',
      'b_spot_BTCUSD_1h.csv',
      'c_spot_BTCUSDT_15m.csv',
    ]);
    expect(() => venueFiles(directory, 4)).toThrow('holds no asset with candles of 4 venues');
    expect(() => venueFiles(join(directory, 'x'), 3)).toThrow('cannot be read');
  });

  it('gives the last close that ended by the hour, also where a venue leaves the volume empty', async () => {
    const row = (minutes: number, close: number) =>
      `${START + minutes * 60_000},${close},${close},${close},${close},`;
    write('a_spot_BTCUSD_15m.csv', [row(0, 1), row(30, 2), row(45, 3), row(60, 4)]);
    write('b_spot_BTCUSD_1h.csv');
    write('c_spot_BTCUSD_1h.csv');
    const closes = await hourCloses(venueFiles(directory, 3).get('BTC')![0]!);
    expect([...closes]).toEqual([
      [START + HOUR, { price: 3, atMs: START + HOUR }],
      [START + 2 * HOUR, { price: 4, atMs: START + 75 * 60_000 }],
    ]);
  });
});
