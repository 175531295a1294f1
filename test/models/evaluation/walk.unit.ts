import { describe, expect, it } from 'vitest';
import { createBaselines } from '../../../models/evaluation/baselines.ts';
import { scoreWalk } from '../../../models/evaluation/score-walk.ts';
import { rowsBefore, walkAsset } from '../../../models/evaluation/walk.ts';
import { harxContext } from '../../../models/features/asset-context.ts';
import type { HourlyBar } from '../../../models/forecast.ts';
import { MS_PER_HOUR } from '../../../risk/units/time.ts';
import { START_MS, syntheticBars } from '../synthetic.ts';

const HOURS = 9800;
const own = syntheticBars(HOURS, 21);
const beside = syntheticBars(HOURS, 22);
const range = { fromMs: START_MS + 9500 * MS_PER_HOUR, toMs: START_MS + 9700 * MS_PER_HOUR };
const payments = (factor: number) =>
  Array.from({ length: HOURS / 8 }, (_, k) => ({
    tsMs: START_MS + k * 8 * MS_PER_HOUR,
    rate: (k * 8 > CUT ? factor : 1) * 1e-6 * (k % 50),
  }));
/** Rows from here on are altered; the last untouched decision time is START + CUT hours. */
const CUT = 9650;

function walk(bars: readonly HourlyBar[], besideBars: readonly HourlyBar[], factor: number) {
  const histories = new Map([
    ['BTC', { bars: besideBars, funding: payments(factor) }],
    ['XYZ', { bars, funding: null }],
  ]);
  const models = createBaselines(harxContext('XYZ', histories), rowsBefore(bars, range.fromMs));
  return walkAsset('XYZ', bars, models, range);
}

const alter = (bars: readonly HourlyBar[]) =>
  bars.map((bar, i) =>
    i < CUT ? bar : { ...bar, high: bar.high * 1.5, low: bar.low / 1.4, volume: bar.volume * 9 },
  );

describe('the walk', () => {
  const original = walk(own, beside, 1);

  it('changes no forecast at or before a decision time when everything after it changes', () => {
    const altered = walk(alter(own), alter(beside), -3);
    const last = (START_MS + CUT * MS_PER_HOUR - range.fromMs) / MS_PER_HOUR;
    const seen = (one: typeof original, to: number) => ({
      threshold: one.threshold.slice(0, to),
      calm: one.calm.slice(0, to),
      tracks: one.tracks.map((track) => ({
        name: track.name,
        mean: track.mean.map((column) => column.slice(0, to)),
        log: track.log.map((column) => column.slice(0, to)),
        quantiles: track.quantiles.map((column) => column.slice(0, to * 9)),
        highProbability: track.highProbability.slice(0, to),
      })),
    });
    expect(seen(altered, last + 1)).toEqual(seen(original, last + 1));
    for (const [m, track] of altered.tracks.entries()) {
      expect(track.mean[0]!.slice(last + 1), track.name).not.toEqual(
        original.tracks[m]!.mean[0]!.slice(last + 1),
      );
    }
  });

  it('scores the same rows for every model and horizon', () => {
    const scores = scoreWalk(original);
    expect(scores.horizons).toHaveLength(30);
    expect(new Set(scores.horizons.map((one) => one.n))).toEqual(new Set([200]));
    const score = (model: string, h: number) =>
      scores.horizons.find((one) => one.model === model && one.horizonHours === h)!;
    for (const h of [1, 4, 24]) expect(score('logHAR', h).qlike).toBeLessThan(score('climatology', h).qlike);
    expect(score('logHAR', 1).dmLogHar).toBeNull();
    expect(score('EWMA', 1).dmLogHar).toBeGreaterThan(0);
    expect(scores.regime.map((one) => one.all.rows)).toEqual(new Array(10).fill(200));
    for (const one of scores.regime) expect(one.onset.rows).toBeLessThanOrEqual(200);
  });

  it('outcomes are the sums of the hours after the decision', () => {
    const y = original.outcomes[1]![0]!;
    const single = [0, 1, 2, 3].map((row) => original.outcomes[0]![row]!);
    expect(y).toBeCloseTo(
      single.reduce((sum, value) => sum + value, 0),
      12,
    );
  });
});
