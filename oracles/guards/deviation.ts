import { distanceTo, medianInterval, type WeightedValue } from '../aggregation/weighted-quantile.ts';
import { bps, type GuardReason, inBps } from './reason.ts';

/**
 * Whether doubles show that all values lie within the limit of the lowest: then none can be far from any median. Where
 * they are too coarse to tell, the answer is no. Prices are positive.
 */
export function lieWithin(
  voters: readonly { readonly candidate: { readonly priceNumber: number } }[],
  maxDeviationBps: number,
): boolean {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (let index = 0; index < voters.length; index += 1) {
    const rounded = voters[index]!.candidate.priceNumber;
    if (rounded < low) low = rounded;
    if (rounded > high) high = rounded;
  }
  // The limit is rounded to millionths as in `checkDeviation`.
  return (high - low) * 1_000_000 + high * 1e-8 < low * Math.round(maxDeviationBps * 100);
}

export interface GroupedValue extends WeightedValue {
  readonly group: number;
}

/**
 * Compares every source with the weighted median of the other groups. Two equal halves have no single median: then
 * anything between them is in order, so that one liar against two honest groups never gets an honest one removed.
 * @returns one entry per value, null where it is in order
 */
export function checkDeviation(
  values: readonly GroupedValue[],
  maxDeviationBps: number,
): readonly (GuardReason | null)[] {
  const limit = BigInt(Math.round(maxDeviationBps * 100));
  return values.map(({ group, value }) => {
    const others = values.filter((other) => other.group !== group);
    if (others.length === 0) return null;
    const median = medianInterval(others);
    const distance = distanceTo(median, value);
    const reference = value < median.low ? median.low : median.high;
    if (distance * 1_000_000n <= reference * limit) return null;
    const message = `${bps(distance, reference)} from the median of the others, the limit is ${maxDeviationBps} bp`;
    return { code: 'deviation', message, measure: inBps(distance, reference, maxDeviationBps) };
  });
}
