import { describe, expect, it } from 'vitest';
import { CalibratedHorizon } from '../../../models/calibration/calibrated-horizon.ts';
import { ReferenceVariance } from '../../../models/calibration/reference-variance.ts';
import { Regime } from '../../../models/calibration/regime.ts';
import { HourlyGrid } from '../../../models/features/hourly-grid.ts';
import { seededUniform } from '../../../risk/statistics/sequence.ts';
import { syntheticBars } from '../synthetic.ts';

const HOURS = 9400;
const H = 4;
const grid = new HourlyGrid();
const horizon = new CalibratedHorizon(H);
const regime = new Regime();
const reference = new ReferenceVariance(H);
const next = seededUniform(3);
const rawMean: number[] = [];
const issued: { mean: number; log: number; q90: number; coverage: number | null; above: number }[] = [];
const thresholds: number[] = [];
const medians: (number | null)[] = [];
for (const bar of syntheticBars(HOURS)) {
  grid.push(bar);
  const i = grid.length - 1;
  const mean = 2 * 1e-4 * (1 + next());
  rawMean.push(mean);
  horizon.step(grid, i, mean, Math.log(mean) - 0.3);
  issued.push({
    mean: horizon.mean,
    log: horizon.log,
    q90: horizon.quantile(0.9),
    coverage: horizon.coverage90(),
    above: horizon.probabilityAbove(2e-4),
  });
  regime.step(grid, i);
  thresholds.push(regime.threshold);
  reference.step(grid, i);
  medians.push(reference.median);
}
const outcomes = rawMean.map((_, i) => grid.outcome(i, H));

/** Quantile of type 7 by sorting anew. */
function quantile(values: number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = p * (sorted.length - 1);
  const low = sorted[Math.floor(position)]!;
  return low + (sorted[Math.ceil(position)]! - low) * (position - Math.floor(position));
}

describe('level calibration', () => {
  it.each([400, 5000, 9300])('at row %i uses the trailing year of resolved rows only', (i) => {
    let y = 0;
    let f = 0;
    let shift = 0;
    let n = 0;
    for (let j = Math.max(0, i - H - 8759); j <= i - H; j++) {
      y += outcomes[j]!;
      f += rawMean[j]!;
      shift += Math.log(outcomes[j]!) - (Math.log(rawMean[j]!) - 0.3);
      n += 1;
    }
    expect(issued[i]!.mean / (rawMean[i]! * (y / f))).toBeCloseTo(1, 10);
    expect(issued[i]!.log).toBeCloseTo(Math.log(rawMean[i]!) - 0.3 + shift / n, 8);
  });

  it('gives nothing before 168 rows are resolved', () => {
    expect(issued[170]!.mean).toBeNaN();
    expect(issued[171]!.mean).toBeGreaterThan(0);
  });
});

describe('error quantiles', () => {
  it.each([1000, 9399])('at row %i are those of the calibrated errors known by then', (i) => {
    const errors: number[] = [];
    for (let j = Math.max(0, i - H - 8759); j <= i - H; j++) {
      const error = Math.log(outcomes[j]!) - issued[j]!.log;
      if (!Number.isNaN(error)) errors.push(error);
    }
    expect(issued[i]!.q90 / Math.exp(issued[i]!.log + quantile(errors, 0.9))).toBeCloseTo(1, 10);
    const above = errors.filter((error) => issued[i]!.log + error > Math.log(2e-4)).length;
    expect(issued[i]!.above).toBeCloseTo((above + 0.5) / (errors.length + 1), 12);
  });

  it('cover the last 30 days as counted anew', () => {
    const i = 9000;
    let hits = 0;
    for (let j = i - H - 719; j <= i - H; j++) hits += outcomes[j]! <= issued[j]!.q90 ? 1 : 0;
    expect(issued[i]!.coverage).toBeCloseTo(hits / 720, 12);
    expect(issued[100]!.coverage).toBeNull();
  });
});

describe('regime threshold and reference variance', () => {
  it('the threshold is the 90 % quantile of the 8760 trailing 24 h variances, refreshed every six hours', () => {
    expect(thresholds[8781]).toBeNaN();
    const last = 9391;
    const at = [...Array(6).keys()].map((back) => last - back).find((i) => (i + 1) % 6 === 0)!;
    const values: number[] = [];
    for (let j = at - 8759; j <= at; j++) values.push(grid.variance.trail(j, 24));
    expect(thresholds[last]).toBeCloseTo(quantile(values, 0.9), 12);
    expect(thresholds[last]).toBe(thresholds[at]);
    const changes = thresholds.map((x, i) => (i > 8790 && x !== thresholds[i - 1] ? (i + 1) % 6 : null));
    expect(new Set(changes.filter((hour) => hour !== null))).toEqual(new Set([0]));
  });

  it('the reference is the median outcome of the year', () => {
    const i = 9000;
    expect(medians[i]).toBeCloseTo(quantile(outcomes.slice(i - H - 8759, i - H + 1), 0.5), 12);
    expect(medians[8700]).toBeNull();
  });
});
