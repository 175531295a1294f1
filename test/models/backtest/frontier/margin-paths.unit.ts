import { describe, expect, it } from 'vitest';
import { walkPaths } from '../../../../models/backtest/frontier/margin-paths.ts';
import { walkMargins } from '../../../../models/backtest/margin-walk.ts';
import { Ewma } from '../../../../models/baselines/ewma.ts';
import { MS_PER_HOUR } from '../../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../../synthetic.ts';

const HOURS = 10_200;
const all = syntheticBars(HOURS, 41);
/** One hour is missing. */
const bars = all.filter((_, i) => i !== 9900);
const range = { fromMs: START_MS + 24 * 380 * MS_PER_HOUR, toMs: START_MS + 24 * 424 * MS_PER_HOUR };
const paths = walkPaths('XYZ', bars, [new Ewma()], range)!;
const of = (name: string) => paths.margins.find((one) => one.name === name)!;

describe('walkPaths', () => {
  it('has the daily margins at midnight, and a static one that never moves', () => {
    expect(paths.margins.map((one) => [one.name, one.kind])).toEqual([
      ['static', 'static'],
      ['EWMA', 'dynamic'],
      ['EWMA, buffer25', 'predictive'],
      ['EWMA, stress25', 'predictive'],
      ['EWMA, floor', 'predictive'],
    ]);
    const daily = walkMargins('XYZ', bars, [new Ewma()], range);
    const rowOf = (t: number) => Math.round((t - paths.fromMs) / MS_PER_HOUR);
    let compared = 0;
    for (const [policy, name] of [
      ['unbuffered', 'EWMA'],
      ['buffer25', 'EWMA, buffer25'],
      ['floor', 'EWMA, floor'],
    ] as const) {
      for (const side of ['long', 'short'] as const) {
        const series = daily.series.find(
          (one) => one.model === 'EWMA' && one.policy === policy && one.side === side,
        )!;
        daily.days.forEach((t, d) => {
          if (rowOf(t) < 0) return;
          compared += 1;
          expect(of(name).sides[side].initial[rowOf(t)]).toBe(series.margins[d]);
        });
      }
    }
    expect(compared).toBeGreaterThan(200);
    expect(new Set(of('static').sides.long.initial).size).toBe(1);
  });

  it('has the price of the hour that ended, none where it is missing', () => {
    const row = 500;
    const i = Math.round((paths.fromMs - START_MS) / MS_PER_HOUR) + row - 1;
    expect(paths.close[row]).toBe(all[i]!.close);
    expect(paths.low[row]).toBe(all[i]!.low);
    const hole = 9900 + 1 - Math.round((paths.fromMs - START_MS) / MS_PER_HOUR);
    expect(paths.high[hole]).toBeNaN();
  });

  it('lets maintenance lag a rise of a named policy and never exceed its initial margin', () => {
    const { initial, lagged } = of('EWMA, buffer25').sides.long;
    let behind = 0;
    initial.forEach((m, row) => {
      expect(lagged[row]!).toBeLessThanOrEqual(m * (1 + 1e-12));
      if (lagged[row]! < m * (1 - 1e-6)) behind += 1;
    });
    expect(behind).toBeGreaterThan(10);
    expect(of('EWMA').sides.long.lagged).toEqual(of('EWMA').sides.long.initial);
  });

  it('is the same up to a decision time when everything after it changes', () => {
    const cutMs = paths.fromMs + 400 * MS_PER_HOUR;
    const altered = bars.map((bar) =>
      bar.tsMs < cutMs ? bar : { ...bar, low: bar.low / 2, close: bar.low },
    );
    const other = walkPaths('XYZ', altered, [new Ewma()], range)!;
    paths.margins.forEach((one, m) => {
      for (const side of ['long', 'short'] as const) {
        const upTo = (values: Float64Array) => values.slice(0, 401);
        expect(upTo(other.margins[m]!.sides[side].initial)).toEqual(upTo(one.sides[side].initial));
        expect(upTo(other.margins[m]!.sides[side].lagged)).toEqual(upTo(one.sides[side].lagged));
      }
    });
    expect(other.margins[1]!.sides.long.initial.at(-1)).not.toBe(paths.margins[1]!.sides.long.initial.at(-1));
  });

  it('is null where no hour of the range has all margins', () => {
    expect(walkPaths('XYZ', bars.slice(0, 5000), [new Ewma()], range)).toBeNull();
  });
});
