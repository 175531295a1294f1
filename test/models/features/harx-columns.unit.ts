import { describe, expect, it } from 'vitest';
import { FundingSeries } from '../../../models/features/funding-series.ts';
import { garmanKlassVariance } from '../../../models/features/garman-klass.ts';
import { HARX_COLUMNS, writeHarxColumns } from '../../../models/features/harx-columns.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const bars = syntheticBars(900);
const otherBars = syntheticBars(880, 2, START_MS + 20 * MS_PER_HOUR);
const gridOf = (list: typeof bars) => {
  const grid = new HourlyGrid();
  for (const bar of list) grid.push(bar);
  return grid;
};
const grid = gridOf(bars);
const other = gridOf(otherBars);
const payments = Array.from({ length: 120 }, (_, k) => ({
  tsMs: START_MS + k * 8 * MS_PER_HOUR,
  rate: (k - 50) * 1e-5,
}));

describe('the columns of logHARX168', () => {
  it('agree with their definitions written out over plain arrays', () => {
    const at = 850;
    const out = new Float64Array(HARX_COLUMNS.length);
    writeHarxColumns(grid, at, { other, funding: new FundingSeries(payments) }, out);
    const v = bars.map((bar, i) =>
      garmanKlassVariance(bar.open, bar.high, bar.low, bar.close, bars[i - 1]?.close ?? null),
    );
    const r = bars.map((bar, i) => (i === 0 ? 0 : Math.log(bar.close / bars[i - 1]!.close)));
    const vo = otherBars.map((b, i) =>
      garmanKlassVariance(b.open, b.high, b.low, b.close, otherBars[i - 1]?.close ?? null),
    );
    const trail = (x: number[], n: number, end = at) =>
      x.slice(end - n + 1, end + 1).reduce((a, b) => a + b, 0);
    const lm = (n: number) => Math.log(trail(v, n) / n);
    const lo = (n: number) => Math.log(trail(vo, n, at - 20) / n);
    const r2 = r.map((x) => x * x);
    const down = r.map((x) => (x < 0 ? x * x : 0));
    const sd = Math.sqrt(trail(v, 168) / 168);
    const volume = bars.map((bar) => bar.volume + 1e-9);
    const paid = Math.floor((at + 1) / 8); // the payment stamped at or before the decision time
    const bps = (k: number) => Math.min(Math.max((k - 50) * 0.1, -30), 30);
    const recent =
      Array.from({ length: 21 }, (_, k) => (paid - k - 50) * 0.1).reduce((a, b) => a + b, 0) / 21;
    const expected = [
      ...[1, 6, 24, 72, 168, 720].map(lm),
      trail(down, 24) / (trail(r2, 24) + 1e-9),
      trail(r, 24) / (sd * Math.sqrt(24)),
      Math.min(trail(r, 24), 0) / (sd * Math.sqrt(24)),
      Math.min(r[at]!, 0) / sd,
      Math.min(trail(r, 168), 0) / (sd * Math.sqrt(168)),
      Math.log((trail(r2, 24) + 1e-9) / 24) - lm(24),
      Math.log(Math.max(...v.slice(at - 23, at + 1))) - lm(24),
      Math.log(trail(volume, 24) / 24 + 1e-9) - Math.log(trail(volume, 720) / 720 + 1e-9),
      Math.log(volume[at]! + 1e-6) - Math.log(trail(volume, 168) / 168 + 1e-9),
      ...[1, 24, 168].map((n) => lo(n) - lm(n)),
      bps(paid),
      Math.abs(bps(paid)),
      recent,
      Math.abs(recent),
    ];
    expect(out.length).toBe(expected.length);
    expected.forEach((value, k) => {
      expect(out[k], HARX_COLUMNS[k]).toBeCloseTo(value, 8);
    });
  });

  it('are neutral without the other coin and without funding history', () => {
    const out = new Float64Array(HARX_COLUMNS.length);
    writeHarxColumns(grid, 850, { other: null, funding: new FundingSeries() }, out);
    expect([...out.slice(15)]).toEqual([0, 0, 0, 1, 1, 1, 1]);
    writeHarxColumns(
      grid,
      760,
      { other: gridOf(otherBars.slice(0, 700)), funding: new FundingSeries() },
      out,
    );
    expect([...out.slice(15, 18)]).toEqual([0, 0, 0]);
  });

  it('see a payment only from its stamp on', () => {
    const series = new FundingSeries([
      { tsMs: 1000, rate: 0.01 },
      { tsMs: 2000, rate: -0.0002 },
    ]);
    expect([999, 1000, 1999, 2000].map((ms) => series.lastBps(ms))).toEqual([1, 30, 30, -2]);
    expect(series.recentBps(2000)).toBe(30);
    expect(() => series.push({ tsMs: 2000, rate: 0 })).toThrow(/does not follow/);
  });
});
