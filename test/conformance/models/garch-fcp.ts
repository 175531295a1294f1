import { fitGarch } from '../../../models/baselines/garch/fit-garch.ts';
import { type ConformanceResult, Tally } from '../check.ts';
import { readText } from '../files.ts';

/**
 * GARCH(1,1) on DM/GBP against the benchmark of Fiorentini, Calzolari and Panattoni (1996): normal, mean mu, start
 * variance the mean squared residual. The published figures have six significant digits; 1e-5 of each is asked.
 */
export function run(dir: string): ConformanceResult {
  const lines = readText(dir, 'dem2gbp.csv').trim().split('\n').slice(1);
  const y = Float64Array.from(lines, (line) => Number(line.trim()));
  const fit = fitGarch(y, { asymmetric: false, distribution: 'normal', power: 2, start: 'mean-square' });
  const tally = new Tally('garch-fcp', { relative: 1e-5 });
  const published = { mu: -0.00619041, omega: 0.0107613, alpha: 0.153134, beta: 0.805974 } as const;
  for (const [name, expected] of Object.entries(published)) {
    tally.case(name, (near) => near(name, fit.parameters[name as keyof typeof published], expected));
  }
  tally.case('log-likelihood', (near) =>
    near('log-likelihood', fit.logLikelihood, -1106.607881, { relative: 1e-9 }),
  );
  return tally.result();
}
