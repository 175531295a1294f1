import {
  BASEL_ZONES,
  binomialCumulative,
  overlappingCumulative,
  trafficLight,
} from '../../../risk/statistics/traffic-light.ts';
import { Tally } from '../check.ts';
import { readJson } from '../files.ts';

interface Stoplight {
  readonly confidence: number;
  readonly mporDays: number;
  readonly iid: {
    readonly observations: number;
    readonly maxGreen: number;
    readonly maxAmber: number;
    readonly cumulativeProbability0to10: readonly number[];
  };
  readonly multiPortfolio: Readonly<
    Record<'portfolios' | 'correlation' | 'observations' | 'maxGreen' | 'maxAmber', number>
  >;
  readonly overlapping10d: Readonly<Record<'observations' | 'maxGreen' | 'maxAmber', readonly number[]>>;
}

const PATHS = 20_000;

/** Smallest k with P(at most k) >= level. */
function quantile(cumulative: Float64Array, level: number): number {
  const k = cumulative.findIndex((value) => value >= level);
  return k < 0 ? cumulative.length - 1 : k;
}

/**
 * Range of bounds that a simulation of `PATHS` cannot tell apart: four standard errors of the probability. At 99.99 % the
 * upper end lies beyond the sample: a seventh above the largest count seen.
 */
function rangeOf(cumulative: Float64Array, level: number): readonly [number, number] {
  const slack = 4 * Math.sqrt((level * (1 - level)) / PATHS);
  const largest = quantile(cumulative, 1);
  const low = Math.max(0, quantile(cumulative, level - slack) - 1);
  const high = level + slack < 1 ? quantile(cumulative, level + slack) : Math.ceil(largest * 1.15);
  return [low, high];
}

/**
 * Independent observations exactly (probabilities to half a printed digit). Overlapping PnLs have no closed form: the
 * published bounds must lie within what a seeded simulation with 20,000 paths allows.
 */
export function run(dir: string) {
  const given = readJson<Stoplight>(dir, 'stoplight.json');
  const tally = new Tally('ore-stoplight', { relative: 0, absolute: 5.0001e-5 });
  const { iid, overlapping10d: overlapping, multiPortfolio: multi } = given;
  tally.case('independent', (near) => {
    const bounds = trafficLight(iid.observations, given.confidence);
    near('green', bounds.maxGreen, iid.maxGreen);
    near('amber', bounds.maxAmber, iid.maxAmber);
    const cumulative = binomialCumulative(iid.observations, 1 - given.confidence);
    iid.cumulativeProbability0to10.forEach((value, k) => {
      near(`P(${k})`, cumulative[k]!, value);
    });
  });
  const check = (label: string, cumulative: Float64Array, green: number, amber: number) => {
    tally.case(label, (near) => {
      for (const [zone, bound] of [
        ['green', green],
        ['amber', amber],
      ] as const) {
        const [low, high] = rangeOf(cumulative, BASEL_ZONES[zone]);
        near(`${zone} in ${low}..${high}`, Math.min(Math.max(bound, low), high), bound);
      }
    });
  };
  const base = { days: given.mporDays, confidence: given.confidence, paths: PATHS, seed: 11 };
  const table = overlappingCumulative({
    ...base,
    observations: overlapping.observations,
    portfolios: 1,
    correlation: 0,
  });
  overlapping.observations.forEach((size, i) => {
    check(`${size} overlapping`, table[i]!, overlapping.maxGreen[i]!, overlapping.maxAmber[i]!);
  });
  const [several] = overlappingCumulative({ ...base, ...multi, observations: [multi.observations] });
  check('several portfolios', several!, multi.maxGreen, multi.maxAmber);
  return tally.result();
}
