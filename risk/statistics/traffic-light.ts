import { InvalidInputError } from '../errors.ts';
import { inverseNormal } from './normal.ts';
import { seededUniform } from './sequence.ts';

/** Largest number of exceedances that is still green, and still amber. */
export interface TrafficLightBounds {
  readonly maxGreen: number;
  readonly maxAmber: number;
}

/** Basel 1996: amber starts where the cumulative probability reaches 95 %, red where it reaches 99.99 %. */
export const BASEL_ZONES = { green: 0.95, amber: 0.9999 } as const;

/** Probability of at most k exceedances in `observations` independent ones, for k = 0, 1, ... */
export function binomialCumulative(observations: number, exceedance: number): Float64Array {
  const cumulative = new Float64Array(observations + 1);
  let logTerm = observations * Math.log1p(-exceedance);
  let sum = 0;
  for (let k = 0; k <= observations; k++) {
    sum += Math.exp(logTerm);
    cumulative[k] = Math.min(1, sum);
    logTerm += Math.log((observations - k) / (k + 1)) + Math.log(exceedance) - Math.log1p(-exceedance);
  }
  return cumulative;
}

/** Largest k whose cumulative probability is below the level; 0 when there is none. */
function largestBelow(cumulative: ArrayLike<number>, level: number): number {
  let k = -1;
  while (k + 1 < cumulative.length && cumulative[k + 1]! < level) k++;
  return Math.max(0, k);
}

/**
 * Bounds for independent observations of a VaR at `confidence` (0.99), by the binomial distribution.
 * @throws InvalidInputError
 */
export function trafficLight(observations: number, confidence: number): TrafficLightBounds {
  if (!(Number.isInteger(observations) && observations > 0)) {
    throw new InvalidInputError('observations', 'must be a positive whole number');
  }
  if (!(confidence > 0 && confidence < 1))
    throw new InvalidInputError('confidence', 'must be between 0 and 1');
  const cumulative = binomialCumulative(observations, 1 - confidence);
  return {
    maxGreen: largestBelow(cumulative, BASEL_ZONES.green),
    maxAmber: largestBelow(cumulative, BASEL_ZONES.amber),
  };
}

export interface OverlappingInput {
  /** Sample sizes, ascending. */
  readonly observations: readonly number[];
  /** Days in one PnL; consecutive ones share all but one. */
  readonly days: number;
  readonly confidence: number;
  /** Portfolios whose exceedances are added, with equal correlation of daily PnLs. */
  readonly portfolios: number;
  readonly correlation: number;
  readonly paths: number;
  readonly seed: number;
}

/** Simulated distribution of the number of exceedances: `cumulative[i][k]` = P(at most k) for `observations[i]`. */
export function overlappingCumulative(input: OverlappingInput): readonly Float64Array[] {
  const { observations, days, portfolios, paths } = input;
  const last = observations.at(-1) ?? 0;
  const histograms = observations.map((size) => new Float64Array(size * portfolios + 1));
  const normal = normalSource(input.seed);
  const limit = inverseNormal(1 - input.confidence) * Math.sqrt(days);
  const common = Math.sqrt(input.correlation);
  const own = Math.sqrt(1 - input.correlation);
  const window = new Float64Array(days * portfolios);
  const sums = new Float64Array(portfolios);
  for (let path = 0; path < paths; path++) {
    window.fill(0);
    sums.fill(0);
    let count = 0;
    let next = 0;
    for (let day = 0; day < last + days - 1; day++) {
      const shared = portfolios > 1 ? common * normal() : 0;
      const slot = (day % days) * portfolios;
      for (let i = 0; i < portfolios; i++) {
        const pnl = portfolios > 1 ? shared + own * normal() : normal();
        sums[i] = sums[i]! + pnl - window[slot + i]!;
        window[slot + i] = pnl;
        if (day >= days - 1 && sums[i]! < limit) count++;
      }
      if (day - days + 2 === observations[next]) {
        histograms[next]![count] = histograms[next]![count]! + 1;
        next++;
      }
    }
  }
  return histograms.map((histogram) => {
    let sum = 0;
    return histogram.map((value) => {
      sum += value;
      return sum / paths;
    });
  });
}

/** Bounds for overlapping multi-day PnLs, by seeded simulation: the 99.99 % end needs many paths. */
export function overlappingTrafficLight(input: OverlappingInput): readonly TrafficLightBounds[] {
  return overlappingCumulative(input).map((cumulative) => ({
    maxGreen: largestBelow(cumulative, BASEL_ZONES.green),
    maxAmber: largestBelow(cumulative, BASEL_ZONES.amber),
  }));
}

/** Standard normals by the polar method of Marsaglia. */
function normalSource(seed: number): () => number {
  const uniform = seededUniform(seed);
  let spare = Number.NaN;
  return () => {
    if (!Number.isNaN(spare)) {
      const value = spare;
      spare = Number.NaN;
      return value;
    }
    for (;;) {
      const x = 2 * uniform() - 1;
      const y = 2 * uniform() - 1;
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const factor = Math.sqrt((-2 * Math.log(r)) / r);
      spare = y * factor;
      return x * factor;
    }
  };
}
