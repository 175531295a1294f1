import { describe, expect, it } from 'vitest';
import { CalibratedHorizon } from '../../../models/calibration/calibrated-horizon.ts';
import {
  assessCalibration,
  coverageDeviations,
  LEAST_MONITOR_ROWS,
} from '../../../models/calibration/calibration-state.ts';
import { HorizonMonitor, MONITOR_ROWS, WATCHED_LEVELS } from '../../../models/calibration/horizon-monitor.ts';
import { qlike } from '../../../models/evaluation/scores.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { binOf, populationStability } from '../../../models/features/population-stability.ts';
import { syntheticBars } from '../synthetic.ts';

describe('population stability', () => {
  it('is zero for the expected shares and agrees with a value worked out by hand', () => {
    expect(populationStability([0.5, 0.5], [999.5, 999.5])).toBeCloseTo(0, 12);
    // Shares .3 and .7 against .5: -.2 ln .6 + .2 ln 1.4 = .169459...
    expect(populationStability([0.5, 0.5], [299.5, 699.5])).toBeCloseTo(0.2 * Math.log(1.4 / 0.6), 12);
    expect(populationStability([0.5, 0.5], [0, 720])).toBeGreaterThan(3);
    expect([-1, 0, 0.5, 1, 2].map((x) => binOf([0, 1], x))).toEqual([0, 0, 1, 1, 2]);
  });
});

describe('the monitor of a horizon', () => {
  it('counts what was issued against what happened over the last 720 rows', () => {
    const grid = new HourlyGrid();
    const horizon = new CalibratedHorizon(4);
    const monitor = new HorizonMonitor(4);
    const better = new HorizonMonitor(4);
    const issued: { mean: number; quantiles: number[] }[] = [];
    const bars = syntheticBars(2_000, 221).filter((_, i) => i < 1_500 || i > 1_502);
    for (const bar of bars) {
      const from = grid.length;
      grid.push(bar);
      for (let i = from; i < grid.length; i++) {
        const mean = grid.variance.trailUpTo(i, 24) / 6;
        horizon.step(grid, i, mean, Math.log(mean));
        monitor.step(grid, i, horizon);
        const half = { mean: horizon.mean * 4, quantile: (p: number) => horizon.quantile(p) };
        better.step(grid, i, half as CalibratedHorizon);
        issued.push({ mean: horizon.mean, quantiles: WATCHED_LEVELS.map((p) => horizon.quantile(p)) });
      }
    }
    const last = grid.length - 1;
    const rows = Array.from({ length: MONITOR_ROWS }, (_, k) => last - 4 - k).filter(
      (j) => grid.outcome(j, 4) > 0,
    );
    const numbers = monitor.numbers();
    expect(numbers.hours).toBe(rows.length);
    expect(rows.length).toBeLessThan(MONITOR_ROWS);
    const mean = rows.reduce((sum, j) => sum + qlike(grid.outcome(j, 4), issued[j]!.mean), 0) / rows.length;
    expect(numbers.qlike).toBeCloseTo(mean, 12);
    numbers.coverage.forEach(({ p, share }, q) => {
      const hits = rows.filter((j) => grid.outcome(j, 4) <= issued[j]!.quantiles[q]!).length;
      expect(share, `${p}`).toBe(hits / rows.length);
    });
    const worse = better.against(monitor, 100)!;
    expect(worse.hours).toBe(rows.length);
    expect(worse.ratio).toBeGreaterThan(1.2);
    expect(worse.t).toBeGreaterThan(3);
    expect(monitor.against(better, 100)!.t).toBeCloseTo(-worse.t, 10);
    expect(monitor.against(better, MONITOR_ROWS + 1)).toBe(null);
    expect(assessCalibration(numbers, null).state).toBe('ok');
    expect(assessCalibration(numbers, worse).state).toBe('drifting');
  });
});

describe('the state of a calibration', () => {
  const numbers = (share: number, hours = 720) => ({
    horizonHours: 24,
    hours,
    coverage: [{ p: 0.9, share }],
    qlike: 0.2,
  });

  it('allows for overlapping outcomes and asks for half a month', () => {
    // 720 hours hold 30 independent days: sqrt(.09 / 30) = .0548.
    expect(coverageDeviations(0.9, 0.9 - 4 * Math.sqrt(0.003), 720, 24)).toBeCloseTo(4, 10);
    expect(assessCalibration(numbers(0.7), null)).toEqual({ state: 'ok', reasons: [] });
    expect(assessCalibration(numbers(0.66), null)).toEqual({
      state: 'drifting',
      reasons: ['66.0 % of outcomes at or below the 90.0 % quantile'],
    });
    expect(assessCalibration(numbers(0.1, LEAST_MONITOR_ROWS - 1), null)).toEqual({
      state: 'unknown',
      reasons: ['359 resolved hours, 360 are needed'],
    });
    const close = { hours: 700, ratio: 1.04, t: 9 };
    expect(assessCalibration(numbers(0.9), close).state).toBe('ok');
    expect(assessCalibration(numbers(0.9), { ...close, ratio: 1.06 }).reasons).toEqual([
      'QLIKE 6.0 % above logHARX168 (t 9.0)',
    ]);
    expect(assessCalibration(numbers(0.9), { ...close, ratio: 2, t: 2.9 }).state).toBe('ok');
    expect(assessCalibration(numbers(0.9), null, { columns: 81, beyond: 40 }).state).toBe('ok');
    expect(assessCalibration(numbers(0.9), null, { columns: 81, beyond: 41 }).reasons).toEqual([
      '41 of 81 inputs unlike any month of the training years',
    ]);
  });
});
