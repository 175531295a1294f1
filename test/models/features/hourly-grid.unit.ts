import { describe, expect, it } from 'vitest';
import { garmanKlassVariance } from '../../../models/features/garman-klass.ts';
import { writeLogHarColumns } from '../../../models/features/har-columns.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const bar = (hour: number, open: number, high: number, low: number, close: number) => ({
  tsMs: START_MS + hour * MS_PER_HOUR,
  open,
  high,
  low,
  close,
  volume: 1,
});

describe('Garman-Klass variance with the open gap', () => {
  it('agrees with values worked out by hand', () => {
    // ln(110/90) = 0.200670695462, ln(105/100) = 0.048790164169, ln(100/98) = 0.020202707317
    expect(garmanKlassVariance(100, 110, 90, 105, 98)).toBeCloseTo(0.019622947344599, 13);
    expect(garmanKlassVariance(100, 110, 90, 105, null)).toBeCloseTo(0.019214797961641, 13);
    // One-way bar: 0.5 x^2 - (2 ln 2 - 1) x^2 with x = ln 2.
    expect(garmanKlassVariance(1, 2, 1, 2, 1)).toBeCloseTo((1.5 - 2 * Math.LN2) * Math.LN2 ** 2, 14);
    expect(garmanKlassVariance(5, 5, 5, 5, 5)).toBe(0);
  });
});

describe('the hourly grid', () => {
  it('takes the volume of a week ago for an hour that moved without volume, and zero for one that stood', () => {
    const grid = new HourlyGrid();
    const moved = (hour: number, volume: number) => ({ ...bar(hour, 100, 102, 99, 100), volume });
    grid.push(moved(0, 0));
    expect(grid.volume.at(0)).toBe(0);
    for (let hour = 1; hour < 170; hour++) grid.push(moved(hour, hour));
    grid.push(moved(170, 0));
    expect(grid.volume.at(170)).toBe(2);
    grid.push({ ...bar(171, 100, 100, 100, 100), volume: 0 });
    expect(grid.volume.at(171)).toBe(0);
    for (let hour = 172; hour < 339; hour++) grid.push(moved(hour, 5));
    // A week before hour 339 stood the hour without any: the mean of the week.
    grid.push(moved(339, 0));
    expect(grid.volume.at(339)).toBe((167 * 5) / 168);
  });

  it('fills missing hours flat and scores no target that holds one', () => {
    const grid = new HourlyGrid();
    grid.push(bar(0, 100, 101, 99, 100));
    grid.push(bar(1, 100, 102, 99, 101));
    grid.push(bar(4, 104, 105, 103, 104));
    grid.push(bar(5, 104, 106, 104, 105));
    expect(grid.length).toBe(6);
    expect([0, 1, 2, 3, 4, 5].map((i) => grid.missing.at(i))).toEqual([0, 0, 1, 1, 0, 0]);
    expect(grid.variance.at(2)).toBe(0);
    expect(grid.volume.at(3)).toBe(0);
    // The first bar after the hole carries the whole move: gap from 101 to 104 and return from 101 to 104.
    expect(grid.returns.at(4)).toBeCloseTo(Math.log(104 / 101), 15);
    expect(grid.variance.at(4)).toBeCloseTo(garmanKlassVariance(104, 105, 103, 104, 101), 15);
    expect(grid.outcome(0, 1)).toBe(grid.variance.at(1));
    expect(grid.outcome(0, 4)).toBeNaN();
    expect(grid.outcome(3, 1)).toBe(grid.variance.at(4));
    expect(grid.outcome(5, 1)).toBeNaN();
    expect(grid.decisionMs(5)).toBe(START_MS + 6 * MS_PER_HOUR);
  });

  it('does not score a target at or below 1e-9', () => {
    const grid = new HourlyGrid();
    grid.push(bar(0, 1, 1, 1, 1));
    grid.push(bar(1, 1, 1.00001, 1, 1));
    grid.push(bar(2, 1, 1.001, 1, 1));
    expect(grid.outcome(0, 1)).toBeNaN();
    expect(grid.outcome(1, 1)).toBeGreaterThan(4e-7);
  });

  it('refuses bars that are malformed, late, repeated or far off, and stays as it was', () => {
    const grid = new HourlyGrid();
    grid.push(bar(0, 100, 101, 99, 100));
    expect(() => grid.push(bar(0, 100, 101, 99, 100))).toThrow(/bar.tsMs/);
    expect(() => grid.push(bar(-1, 100, 101, 99, 100))).toThrow(/bar.tsMs/);
    expect(() => grid.push({ ...bar(1, 100, 101, 99, 100), tsMs: START_MS + 1 })).toThrow(/not a full hour/);
    expect(() => grid.push(bar(1, 100, 99, 98, 100))).toThrow(/bar.high/);
    expect(() => grid.push(bar(1, 100, 101, 100.5, 100))).toThrow(/bar.low/);
    expect(() => grid.push(bar(1, Number.NaN, 101, 99, 100))).toThrow(/bar.open/);
    expect(() => grid.push({ ...bar(1, 100, 101, 99, 100), volume: -1 })).toThrow(/bar.volume/);
    expect(() => grid.push(bar(9000, 100, 101, 99, 100))).toThrow(/8999 hours are missing/);
    expect(grid.length).toBe(1);
  });

  it('gives the trailing means of logHAR that plain sums give', () => {
    const bars = syntheticBars(800);
    const grid = new HourlyGrid();
    for (const one of bars) grid.push(one);
    const columns = new Float64Array(4);
    writeLogHarColumns(grid, 799, columns);
    for (const [k, n] of [1, 24, 168, 720].entries()) {
      let sum = 0;
      for (let i = 800 - n; i < 800; i++) {
        const { open, high, low, close } = bars[i]!;
        sum += garmanKlassVariance(open, high, low, close, bars[i - 1]!.close);
      }
      expect(columns[k]).toBeCloseTo(Math.log(sum / n), 10);
    }
    writeLogHarColumns(grid, 700, columns);
    expect(columns[3]).toBeNaN();
  });
});
