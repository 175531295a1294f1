import { describe, expect, it } from 'vitest';
import { fitGarch } from '../../../../models/baselines/garch/fit-garch.ts';
import {
  filterGarch,
  forecastVariances,
  type GarchSpec,
  startValue,
} from '../../../../models/baselines/garch/garch.ts';
import { GarchModel } from '../../../../models/baselines/garch/garch-model.ts';
import { logGamma } from '../../../../models/baselines/garch/log-gamma.ts';
import { HourlyGrid } from '../../../../models/features/hourly-grid.ts';
import { seasonalCell } from '../../../../models/features/seasonal.ts';
import { seededUniform } from '../../../../risk/statistics/sequence.ts';
import { syntheticBars } from '../../synthetic.ts';

const SPEC: GarchSpec = { asymmetric: false, distribution: 'normal', power: 2, start: 'mean-square' };

describe('the GARCH recursion', () => {
  it('agrees with two observations worked by hand', () => {
    const p = { mu: 0, omega: 0.1, alpha: 0.2, gamma: 0, beta: 0.7, nu: 0 };
    const y = Float64Array.of(1, -2);
    // Start (1 + 4) / 2 = 2.5; variances 0.1 + 0.9 * 2.5 = 2.35, then 0.1 + 0.2 * 1 + 0.7 * 2.35 = 1.945.
    expect(startValue(y, SPEC, 0)).toBe(2.5);
    const filtered = filterGarch(y, p, SPEC, 2.5);
    const expected =
      -0.5 * (2 * Math.log(2 * Math.PI) + Math.log(2.35) + 1 / 2.35 + Math.log(1.945) + 4 / 1.945);
    expect(filtered.logLikelihood).toBeCloseTo(expected, 12);
    expect(filtered.next).toBeCloseTo(0.1 + 0.2 * 4 + 0.7 * 1.945, 12);
    expect([...forecastVariances(p, 1, 3)]).toEqual([1, 1, 1].map((x) => expect.closeTo(x, 12)));
  });

  it('weighs falls by gamma and recovers what made the data', () => {
    const next = seededUniform(11);
    const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    const y = new Float64Array(20_000);
    let state = 1;
    for (let t = 0; t < y.length; t++) {
      const e = Math.sqrt(state) * normal();
      y[t] = e;
      state = 0.05 + (e < 0 ? 0.15 : 0.05) * e * e + 0.85 * state;
    }
    const spec: GarchSpec = { ...SPEC, asymmetric: true, start: 'backcast' };
    const { parameters, logLikelihood } = fitGarch(y, spec);
    const truth = { mu: 0, omega: 0.05, alpha: 0.05, gamma: 0.1, beta: 0.85, nu: 0 };
    const atTruth = filterGarch(y, truth, spec, startValue(y, spec, 0)).logLikelihood;
    // Five parameters: twice the gain in log-likelihood is chi-squared with five degrees of freedom, 99.9 % below 20.5.
    expect(2 * (logLikelihood - atTruth)).toBeGreaterThan(0);
    expect(2 * (logLikelihood - atTruth)).toBeLessThan(20.5);
    expect(Math.abs(parameters.alpha - 0.05)).toBeLessThan(0.03);
    expect(Math.abs(parameters.gamma - 0.1)).toBeLessThan(0.03);
    expect(Math.abs(parameters.beta - 0.85)).toBeLessThan(0.03);
  });

  it('ln Gamma agrees with factorials and with Gamma(1/2)', () => {
    expect(logGamma(11)).toBeCloseTo(Math.log(3_628_800), 12);
    expect(logGamma(1.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI) / 2), 13);
  });
});

describe('GARCH on hours', () => {
  it('sums the seasonal variances of the hours to come', () => {
    const grid = new HourlyGrid();
    const model = new GarchModel('GARCH', { asymmetric: false, distribution: 'normal' });
    let means: number[] = [];
    let squares = 0;
    for (const bar of syntheticBars(8800)) {
      grid.push(bar);
      const raw = model.push(grid, grid.length - 1);
      if (grid.length === 8760) expect(raw.mean[0]).toBeNaN();
      means = [...raw.mean];
      squares += grid.squaredReturns.at(grid.length - 1) / 8800;
    }
    expect(means[1]! / means[0]!).toBeGreaterThan(2);
    expect(means[2]! / means[1]!).toBeGreaterThan(3);
    // Far ahead the forecast returns towards the mean squared return.
    expect(means[2]! / (24 * squares)).toBeGreaterThan(0.2);
    expect(means[2]! / (24 * squares)).toBeLessThan(5);
  });

  it('takes a filled hour for no observation', () => {
    const bars = syntheticBars(9200, 5);
    const walk = (kept: typeof bars) => {
      const grid = new HourlyGrid();
      const model = new GarchModel('GARCH-t', { asymmetric: false, distribution: 't' });
      let next = 0;
      const means: number[] = [];
      for (const bar of kept) {
        grid.push(bar);
        for (; next < grid.length; next++) means.push(model.push(grid, next).mean[2]!);
      }
      return means;
    };
    const whole = walk(bars);
    // 1000 hours are missing before the refit at row 8760, 100 after it.
    const holed = walk(bars.filter((_, i) => (i < 7000 || i >= 8000) && (i < 8900 || i >= 9000)));
    const ratios = holed.slice(8760).map((mean, at) => mean / whole[8760 + at]!);
    expect(Math.min(...ratios.slice(0, 140))).toBeGreaterThan(0.67);
    expect(Math.max(...ratios.slice(0, 140))).toBeLessThan(1.5);
    // Through the second hole it drifts towards its long-run level instead of falling as after calm hours.
    expect(holed[8999]! / holed[8975]!).toBeGreaterThan(0.7);
    expect(holed[8999]! / holed[8975]!).toBeLessThan(1.43);
  });

  it('knows weekends: 2022-01-01 was a Saturday', () => {
    expect(seasonalCell(Date.UTC(2022, 0, 1, 5))).toBe(29);
    expect(seasonalCell(Date.UTC(2022, 0, 3, 5))).toBe(5);
    expect(seasonalCell(0)).toBe(0);
  });
});
