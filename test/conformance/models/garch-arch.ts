import { join } from 'node:path';
import { fitGarch } from '../../../models/baselines/garch/fit-garch.ts';
import {
  filterGarch,
  forecastVariances,
  type GarchSpec,
  startValue,
} from '../../../models/baselines/garch/garch.ts';
import { type ConformanceResult, Tally } from '../check.ts';
import { readCsv, readJson } from '../files.ts';

interface Expected {
  readonly spec: { readonly o?: number; readonly power?: number; readonly dist?: string };
  readonly params: Readonly<Record<string, number>>;
  readonly loglikelihood: number;
  readonly condVolFirst5: readonly number[];
  readonly condVolLast5: readonly number[];
  readonly forecastVariance5: readonly number[];
  readonly backcast: number;
}

/** The DM/GBP series lives in the sister set. */
function observations(dir: string, name: string): Float64Array {
  const column = (folder: string, file: string, header: string) =>
    Float64Array.from(readCsv(folder, file), (row) => Number(row[header]));
  return name.startsWith('dem2gbp')
    ? column(join(dir, '../garch-fcp'), 'dem2gbp.csv', 'DEM2GBP')
    : column(dir, 'sp500_returns_pct.csv', 'Adj Close');
}

/**
 * Fits of Python arch 8.0.0. At its parameters our filter must give its start value, likelihood, volatilities and
 * forecasts to 1e-9; our own maximum must be at least as likely (to 1e-9), its parameters within 1e-3 of theirs or
 * 1e-4 absolute: both optimisers stop on a flat top.
 */
export function run(dir: string): ConformanceResult {
  const tally = new Tally('garch-arch', { relative: 1e-9 });
  const { results } = readJson<{ results: Record<string, Expected> }>(dir, 'expected.json');
  for (const [name, expected] of Object.entries(results)) {
    const y = observations(dir, name);
    const { spec, theirs } = translate(expected);
    const start = startValue(y, spec, theirs.mu);
    const volatility = new Float64Array(y.length);
    const filtered = filterGarch(y, theirs, spec, start, volatility);
    tally.case(`${name}, filter`, (near) => {
      near('backcast', start, expected.backcast);
      near('log-likelihood', filtered.logLikelihood, expected.loglikelihood);
      expected.condVolFirst5.forEach((want, t) => {
        near(`volatility ${t}`, volatility[t]!, want);
      });
      expected.condVolLast5.forEach((want, t) => {
        near(`volatility ${t - 5}`, volatility[y.length - 5 + t]!, want);
      });
    });
    tally.case(`${name}, forecast`, (near) => {
      const steps = expected.forecastVariance5.length;
      const ahead = spec.power === 1 ? [filtered.next ** 2] : forecastVariances(theirs, filtered.next, steps);
      expected.forecastVariance5.forEach((want, t) => {
        near(`step ${t + 1}`, ahead[t]!, want);
      });
    });
    tally.case(`${name}, fit`, (near) => {
      const fit = fitGarch(y, spec);
      near('log-likelihood', Math.min(fit.logLikelihood, expected.loglikelihood), expected.loglikelihood);
      for (const key of ['mu', 'omega', 'alpha', 'gamma', 'beta', 'nu'] as const) {
        near(key, fit.parameters[key], theirs[key], { relative: 1e-3, absolute: 1e-4 });
      }
    });
  }
  return tally.result();
}

function translate(expected: Expected) {
  const spec: GarchSpec = {
    asymmetric: expected.spec.o === 1,
    distribution: expected.spec.dist === 't' ? 't' : 'normal',
    power: expected.spec.power === 1 ? 1 : 2,
    start: 'backcast',
  };
  const { params } = expected;
  const theirs = {
    mu: params.mu!,
    omega: params.omega!,
    alpha: params['alpha[1]']!,
    gamma: params['gamma[1]'] ?? 0,
    beta: params['beta[1]']!,
    nu: params.nu ?? 0,
  };
  return { spec, theirs };
}
