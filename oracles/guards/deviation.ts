import { distanceTo, medianInterval, type WeightedValue } from '../aggregation/weighted-quantile.ts';
import { bps, type GuardReason } from './reason.ts';

/** Whether all values lie within the limit (in millionths) of the lowest: then none can be far from any median. */
function lieWithin(values: readonly WeightedValue[], limit: bigint): boolean {
  let low: bigint | null = null;
  let high: bigint | null = null;
  for (const { value } of values) {
    if (low === null || value < low) low = value;
    if (high === null || value > high) high = value;
  }
  return low === null || high === null || (high - low) * 1_000_000n <= low * limit;
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
  if (lieWithin(values, limit)) return values.map(() => null);
  return values.map(({ group, value }) => {
    const others = values.filter((other) => other.group !== group);
    if (others.length === 0) return null;
    const median = medianInterval(others);
    const distance = distanceTo(median, value);
    const reference = value < median.low ? median.low : median.high;
    if (distance * 1_000_000n <= reference * limit) return null;
    const message = `${bps(distance, reference)} from the median of the others, the limit is ${maxDeviationBps} bp`;
    return { code: 'deviation', message };
  });
}
