import { InvalidInputError } from '../../risk/errors.ts';
import { erfc } from '../../risk/statistics/normal.ts';
import { BASEL_ZONES, binomialCumulative } from '../../risk/statistics/traffic-light.ts';

export type BaselZone = 'green' | 'amber' | 'red';

export interface CoverageTests {
  readonly observations: number;
  readonly exceedances: number;
  /** Kupiec (1995): p-value of the right unconditional frequency, two-sided. */
  readonly kupiecP: number;
  /** Christoffersen (1998): p-value of independence of consecutive days against a first-order Markov chain. */
  readonly independenceP: number;
  /** Christoffersen: p-value of frequency and independence together. */
  readonly conditionalP: number;
  /** P(at least so many exceedances) when the margin is right: small when there are too many. */
  readonly tooManyP: number;
  /** As `independenceP`, 1 where an exceedance is not more likely on the day after one. */
  readonly clusteredP: number;
  /** Zone of the whole sample by the binomial distribution (Basel 1996). */
  readonly zone: BaselZone;
}

/** x ln y with 0 ln 0 = 0. */
const xlogy = (x: number, y: number) => (x === 0 ? 0 : x * Math.log(y));
const logLikelihood = (misses: number, hits: number, p: number) => xlogy(misses, 1 - p) + xlogy(hits, p);
/** Survival function of chi-square with one degree of freedom. */
const chiSquare1 = (x: number) => erfc(Math.sqrt(Math.max(0, x) / 2));

/**
 * Coverage tests of a series of exceedances (1 or true where the loss was above the margin), in order of time, at the
 * exceedance probability `p` (0.01 for a 99 % margin).
 * @throws InvalidInputError without observations or for p outside (0, 1).
 */
export function testCoverage(exceeded: readonly boolean[], p: number): CoverageTests {
  const n = exceeded.length;
  if (n === 0) throw new InvalidInputError('exceeded', 'must not be empty');
  if (!(p > 0 && p < 1)) throw new InvalidInputError('p', 'must be between 0 and 1');
  const hits = exceeded.filter(Boolean).length;
  const unconditional = 2 * (logLikelihood(n - hits, hits, hits / n) - logLikelihood(n - hits, hits, p));
  // Transitions from a day without (0) and with (1) an exceedance to the next day.
  const moves = [0, 0, 0, 0];
  for (let i = 1; i < n; i++) {
    const at = (exceeded[i - 1] ? 2 : 0) + (exceeded[i] ? 1 : 0);
    moves[at] = moves[at]! + 1;
  }
  const [n00, n01, n10, n11] = moves as [number, number, number, number];
  const share = (hit: number, miss: number) => (hit + miss === 0 ? 0 : hit / (hit + miss));
  const afterMiss = share(n01, n00);
  const afterHit = share(n11, n10);
  const independence =
    2 *
    (logLikelihood(n00, n01, afterMiss) +
      logLikelihood(n10, n11, afterHit) -
      logLikelihood(n00 + n10, n01 + n11, share(n01 + n11, n00 + n10)));
  const cumulative = binomialCumulative(n, p);
  const below = hits === 0 ? 0 : cumulative[hits - 1]!;
  const independenceP = chiSquare1(independence);
  return {
    observations: n,
    exceedances: hits,
    kupiecP: chiSquare1(unconditional),
    independenceP,
    conditionalP: Math.exp(-Math.max(0, unconditional + independence) / 2),
    tooManyP: 1 - below,
    clusteredP: afterHit > afterMiss ? independenceP : 1,
    zone: zoneOf(cumulative[hits]!),
  };
}

function zoneOf(cumulative: number): BaselZone {
  if (cumulative < BASEL_ZONES.green) return 'green';
  return cumulative < BASEL_ZONES.amber ? 'amber' : 'red';
}
