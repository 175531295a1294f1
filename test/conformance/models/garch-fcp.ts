import { fitGarch } from '../../../models/baselines/garch/fit-garch.ts';
import { type Check, readColumn, type SetResult, summarise } from './garch-vectors.ts';

/**
 * GARCH(1,1) on DM/GBP against the benchmark of Fiorentini, Calzolari and Panattoni (1996): normal, mean mu, start
 * variance the mean squared residual. The published figures have six significant digits; 1e-5 of each is asked.
 */
export function checks(dir: string): Check[] {
  const y = readColumn(dir, 'dem2gbp.csv', 0);
  const fit = fitGarch(y, { asymmetric: false, distribution: 'normal', power: 2, start: 'mean-square' });
  const { mu, omega, alpha, beta } = fit.parameters;
  return [
    { label: 'mu', expected: -0.00619041, found: mu, tolerance: 1e-5 },
    { label: 'omega', expected: 0.0107613, found: omega, tolerance: 1e-5 },
    { label: 'alpha', expected: 0.153134, found: alpha, tolerance: 1e-5 },
    { label: 'beta', expected: 0.805974, found: beta, tolerance: 1e-5 },
    { label: 'log-likelihood', expected: -1106.607881, found: fit.logLikelihood, tolerance: 1e-9 },
  ];
}

export function run(dir: string): SetResult {
  return summarise('garch-fcp', checks(dir));
}
