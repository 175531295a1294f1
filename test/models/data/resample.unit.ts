import { describe, expect, it } from 'vitest';
import type { Candle } from '../../../models/data/candle-file.ts';
import { resampleToHours } from '../../../models/data/resample.ts';

const QUARTER = 900_000;
const candle = (tsMs: number, open: number, high: number, low: number, close: number): Candle => ({
  tsMs,
  open,
  high,
  low,
  close,
  volume: 2,
});

describe('resampling to hours', () => {
  it('takes first open, extreme high and low, last close and summed volume', () => {
    const candles = [
      candle(0, 10, 11, 9, 10.5),
      candle(QUARTER, 10.5, 14, 10, 12),
      candle(2 * QUARTER, 12, 12, 8, 9),
      candle(3 * QUARTER, 9, 10, 8.5, 9.5),
      candle(4 * QUARTER, 9.5, 9.5, 9.5, 9.5),
    ];
    expect(resampleToHours(candles, { stepMs: QUARTER })).toEqual([
      { tsMs: 0, open: 10, high: 14, low: 8, close: 9.5, volume: 8 },
    ]);
  });

  it('leaves out an hour with fewer than half its candles, and the last hour until it is over', () => {
    const candles = [
      candle(0, 1, 1, 1, 1),
      candle(4 * QUARTER, 2, 2, 2, 2),
      candle(5 * QUARTER, 2, 2, 2, 2),
      candle(8 * QUARTER, 3, 3, 3, 3),
      candle(9 * QUARTER, 3, 3, 3, 3),
      candle(10 * QUARTER, 3, 3, 3, 3),
    ];
    expect(resampleToHours(candles, { stepMs: QUARTER }).map((bar) => bar.tsMs)).toEqual([4 * QUARTER]);
    const closed = [...candles, candle(11 * QUARTER, 3, 3, 3, 4)];
    expect(resampleToHours(closed, { stepMs: QUARTER }).map((bar) => bar.close)).toEqual([2, 4]);
    expect(resampleToHours(closed, { stepMs: QUARTER, minimumShare: 0.25 })).toHaveLength(3);
  });

  it('refuses a step that does not divide an hour, a stamp off the step and times that do not rise', () => {
    expect(() => resampleToHours([], { stepMs: 420_000 * 3 })).toThrow(/stepMs/);
    expect(() => resampleToHours([candle(7, 1, 1, 1, 1)], { stepMs: QUARTER })).toThrow(/candles\[0\].tsMs/);
    const twice = [candle(0, 1, 1, 1, 1), candle(0, 1, 1, 1, 1)];
    expect(() => resampleToHours(twice, { stepMs: QUARTER })).toThrow(/candles\[1\].tsMs/);
  });
});
