import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fitGarch } from '../../../models/baselines/garch/fit-garch.ts';
import {
  filterGarch,
  forecastVariances,
  type GarchSpec,
  startValue,
} from '../../../models/baselines/garch/garch.ts';
import { type Check, readColumn, type SetResult, summarise } from './garch-vectors.ts';

interface Expected {
  readonly spec: { readonly o?: number; readonly power?: number; readonly dist?: string };
  readonly params: Readonly<Record<string, number>>;
  readonly loglikelihood: number;
  readonly condVolFirst5: readonly number[];
  readonly condVolLast5: readonly number[];
  readonly forecastVariance5: readonly number[];
  readonly backcast: number;
}

/** dem2gbp lives in the sister set. */
function observations(dir: string, name: string): Float64Array {
  if (name.startsWith('dem2gbp')) return readColumn(join(dir, '../garch-fcp'), 'dem2gbp.csv', 0);
  return readColumn(dir, 'sp500_returns_pct.csv', 1);
}

/**
 * Fits of Python arch 8.0.0. At its parameters our filter must give its likelihood, volatilities and forecasts to
 * 1e-9; our own maximum must be at least as likely (to 1e-9) with parameters within 1e-3 of a unit of each scale
 * (both optimisers stop on a flat top).
 */
export function checks(dir: string): Check[] {
  const { results } = JSON.parse(readFileSync(join(dir, 'expected.json'), 'utf8')) as {
    results: Record<string, Expected>;
  };
  return Object.entries(results).flatMap(([name, expected]) =>
    checkOne(name, observations(dir, name), expected),
  );
}

function checkOne(name: string, y: Float64Array, expected: Expected): Check[] {
  const spec: GarchSpec = {
    asymmetric: expected.spec.o === 1,
    distribution: expected.spec.dist === 't' ? 't' : 'normal',
    power: expected.spec.power === 1 ? 1 : 2,
    start: 'backcast',
  };
  const { mu, omega, nu = 0 } = expected.params as { mu: number; omega: number; nu?: number };
  const theirs = {
    mu,
    omega,
    nu,
    alpha: expected.params['alpha[1]']!,
    gamma: expected.params['gamma[1]'] ?? 0,
    beta: expected.params['beta[1]']!,
  };
  const start = startValue(y, spec, mu);
  const volatility = new Float64Array(y.length);
  const filtered = filterGarch(y, theirs, spec, start, volatility);
  const steps = expected.forecastVariance5.length;
  const ahead = spec.power === 1 ? [filtered.next ** 2] : forecastVariances(theirs, filtered.next, steps);
  const fit = fitGarch(y, spec);
  const near = (label: string, want: number, found: number, tolerance = 1e-9, scale = 0) => ({
    label: `${name} ${label}`,
    expected: want,
    found,
    tolerance,
    scale,
  });
  return [
    near('backcast', expected.backcast, start),
    near('log-likelihood at their parameters', expected.loglikelihood, filtered.logLikelihood),
    ...expected.condVolFirst5.map((want, t) => near(`volatility ${t}`, want, volatility[t]!)),
    ...expected.condVolLast5.map((want, t) =>
      near(`volatility -${5 - t}`, want, volatility[y.length - 5 + t]!),
    ),
    ...expected.forecastVariance5.map((want, t) => near(`forecast ${t + 1}`, want, ahead[t]!)),
    near(
      'log-likelihood at our maximum',
      expected.loglikelihood,
      Math.min(fit.logLikelihood, expected.loglikelihood),
    ),
    ...(['mu', 'omega', 'alpha', 'gamma', 'beta', 'nu'] as const).map((key) =>
      near(`fitted ${key}`, theirs[key], fit.parameters[key], 1e-3, key === 'nu' ? 1 : 0.1),
    ),
  ];
}

export function run(dir: string): SetResult {
  return summarise('garch-arch', checks(dir));
}
