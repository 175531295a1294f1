import { describe, expect, it } from 'vitest';
import { crashRows } from '../../../models/backtest/crashes.ts';
import { PLAIN_MODEL } from '../../../models/backtest/margin-model.ts';
import { walkMargins } from '../../../models/backtest/margin-walk.ts';
import type { Policy } from '../../../models/backtest/policies.ts';
import { scoreMargins } from '../../../models/backtest/score-margins.ts';
import { Ewma } from '../../../models/baselines/ewma.ts';
import { createLogHarx168 } from '../../../models/baselines/log-harx168.ts';
import { harxContext } from '../../../models/features/asset-context.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 19_000;
const own = syntheticBars(HOURS, 31);
const beside = syntheticBars(HOURS, 32);
const FROM = 18_600;
/** The last decision whose bars are untouched: 00:00 UTC, a whole number of days from the start. */
const CUT = 24 * 781;
const range = { fromMs: START_MS + FROM * MS_PER_HOUR, toMs: START_MS + 24 * 788 * MS_PER_HOUR };

function walk(bars: readonly HourlyBar[], besideBars: readonly HourlyBar[]) {
  const histories = new Map([
    ['BTC', { bars: besideBars, funding: null }],
    ['XYZ', { bars, funding: null }],
  ]);
  const models = [new Ewma(), createLogHarx168(harxContext('XYZ', histories))];
  return walkMargins('XYZ', bars, models, range);
}

/** Everything from the cut on another path: prices and volumes. */
const alter = (bars: readonly HourlyBar[]) =>
  bars.map((bar, i) => {
    if (i < CUT) return bar;
    const by = 1 + 0.3 * Math.sin(i);
    const [open, close] = [bar.open * by, bar.close / by];
    const high = 1.2 * Math.max(bar.high, open, close);
    const low = Math.min(bar.low, open, close) / 1.3;
    return { tsMs: bar.tsMs, open, high, low, close, volume: 7 * bar.volume };
  });

const plain = walk(own, beside);
const of = (model: string, policy: Policy, side = 'long') =>
  plain.series.find((one) => one.model === model && one.policy === policy && one.side === side)!.margins;

describe('walkMargins', () => {
  it('decides at 00:00 UTC and gives every model, side and policy a margin', () => {
    expect(plain.days).toHaveLength(13);
    expect(plain.days.every((t) => t % (24 * MS_PER_HOUR) === 0)).toBe(true);
    expect(plain.series).toHaveLength(3 * 2 * 5);
    for (const { margins } of plain.series) expect(margins.every((m) => m > 0)).toBe(true);
  });

  it('historical simulation is the 99 % quantile of the losses of two years, the last of them ended', () => {
    const day = 5;
    const last = Math.round((plain.days[day]! - START_MS) / MS_PER_HOUR) - 1;
    const losses: number[] = [];
    for (let j = last - 24; j > last - 24 - 17_520; j--) {
      const loss = j < 0 ? Number.NaN : 1 - own[j + 24]!.close / own[j]!.close;
      if (!Number.isNaN(loss)) losses.push(loss);
    }
    losses.sort((a, b) => a - b);
    const at = 0.99 * (losses.length - 1);
    const below = losses[Math.floor(at)]!;
    const expected = below + (losses[Math.floor(at) + 1]! - below) * (at - Math.floor(at));
    expect(of(PLAIN_MODEL, 'unbuffered')[day]).toBeCloseTo(expected, 10);
    const row = last;
    expect(plain.losses.long[day]).toBeCloseTo(1 - own[row + 24]!.close / own[row]!.close, 10);
    expect(plain.losses.short[day]).toBeCloseTo(own[row + 24]!.close / own[row]!.close - 1, 10);
  });

  it('applies the policies: fixed factors on historical simulation, bounds on a forecast', () => {
    const m = of(PLAIN_MODEL, 'unbuffered')[3]!;
    expect(of(PLAIN_MODEL, 'buffer25')[3]).toBeCloseTo(1.25 * m, 12);
    expect(of(PLAIN_MODEL, 'stress25')[3]).toBeCloseTo(1.5 * m, 12);
    expect(of(PLAIN_MODEL, 'weight25')[3]).toBeCloseTo(1.5 * m, 12);
    expect(of(PLAIN_MODEL, 'floor')[3]).toBeGreaterThanOrEqual(m);
    for (const model of ['EWMA', 'logHARX168']) {
      const base = (of(model, 'weight25')[3]! - 0.75 * of(model, 'unbuffered')[3]!) / 0.75;
      expect(of(model, 'buffer25')[3]).toBeGreaterThanOrEqual(1.25 * base * (1 - 1e-12));
      expect(of(model, 'stress25')[3]).toBeLessThanOrEqual(3 * base * (1 + 1e-12));
      expect(of(model, 'floor')[3]).toBeGreaterThanOrEqual(base * (1 - 1e-12));
    }
  });

  it('no margin at or before a decision time depends on anything after it', () => {
    const altered = walk(alter(own), alter(beside));
    const cutMs = START_MS + CUT * MS_PER_HOUR;
    const kept = plain.days.filter((t) => t <= cutMs).length;
    expect(kept).toBeGreaterThan(3);
    expect(plain.days[kept - 1]).toBe(cutMs);
    plain.series.forEach((one, s) => {
      const other = altered.series[s]!;
      expect(other.margins.slice(0, kept)).toEqual(one.margins.slice(0, kept));
    });
    const changed = plain.series.filter((one, s) => altered.series[s]!.margins.at(-1) !== one.margins.at(-1));
    expect(changed.length).toBe(plain.series.length);
  });

  it('scores what it walked', () => {
    const scores = scoreMargins(plain);
    expect(scores).toHaveLength(plain.series.length);
    const hs = scores.find((one) => one.model === PLAIN_MODEL && one.policy === 'unbuffered')!;
    const margins = of(PLAIN_MODEL, 'unbuffered');
    const beyond = margins.map((m, d) => Math.max(0, plain.losses.long[d]! - m));
    expect(hs.observations).toBe(13);
    expect(hs.exceedances).toBe(beyond.filter((x) => x > 0).length);
    expect(hs.meanShortfall).toBeCloseTo(beyond.reduce((a, b) => a + b) / 13, 14);
    expect(hs.shortfallAtPlainMean).toBe(hs.meanShortfall);
    expect(hs.peakTrough).toBeCloseTo(Math.max(...margins) / Math.min(...margins), 14);
    expect(crashRows(plain)).toEqual([]);
  });
});
