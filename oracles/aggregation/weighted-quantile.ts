/** A value with a positive integer weight. */
export interface WeightedValue {
  readonly value: bigint;
  readonly weight: bigint;
}

/** Above this the library's sort is faster than insertion. */
const INSERTION_LIMIT = 48;

const byValue = (a: WeightedValue, b: WeightedValue): number =>
  a.value < b.value ? -1 : a.value > b.value ? 1 : 0;

/**
 * Ascending by value. Doubles decide first and bigints only where these are equal, which is exact (rounding to a double
 * never swaps two numbers) and several times faster than comparing bigints throughout.
 */
export function sortByValue(values: readonly WeightedValue[]): WeightedValue[] {
  const sorted = [...values];
  if (sorted.length > INSERTION_LIMIT) return sorted.sort(byValue);
  const keys = sorted.map(({ value }) => Number(value));
  for (let next = 1; next < sorted.length; next += 1) {
    const entry = sorted[next]!;
    const key = keys[next]!;
    let place = next;
    for (; place > 0; place -= 1) {
      const before = keys[place - 1]!;
      if (before < key || (before === key && sorted[place - 1]!.value <= entry.value)) break;
      keys[place] = before;
      sorted[place] = sorted[place - 1]!;
    }
    keys[place] = key;
    sorted[place] = entry;
  }
  return sorted;
}

/**
 * Smallest value at which the cumulative weight, counted from the low end of `sorted`, exceeds
 * `total * numerator / denominator`. With equal weights 1/4 gives element n >> 2 and 1/2 element n >> 1.
 */
export function quantileFromBelow(
  sorted: readonly WeightedValue[],
  total: bigint,
  numerator: bigint,
  denominator: bigint,
): bigint {
  let cumulative = 0n;
  const threshold = total * numerator;
  for (const { value, weight } of sorted) {
    cumulative += weight;
    if (cumulative * denominator > threshold) return value;
  }
  return sorted[sorted.length - 1]!.value;
}

/** Mirror image of `quantileFromBelow`, counted from the high end. */
export function quantileFromAbove(
  sorted: readonly WeightedValue[],
  total: bigint,
  numerator: bigint,
  denominator: bigint,
): bigint {
  let cumulative = 0n;
  const threshold = total * numerator;
  for (let index = sorted.length - 1; index >= 0; index -= 1) {
    const { value, weight } = sorted[index]!;
    cumulative += weight;
    if (cumulative * denominator > threshold) return value;
  }
  return sorted[0]!.value;
}

export interface MedianInterval {
  readonly low: bigint;
  readonly high: bigint;
}

/** All weighted medians: one point, or the gap between the two halves when the weight splits evenly. Not empty. */
export function medianInterval(values: readonly WeightedValue[]): MedianInterval {
  const sorted = sortByValue(values);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0n);
  return { low: quantileFromAbove(sorted, total, 1n, 2n), high: quantileFromBelow(sorted, total, 1n, 2n) };
}

/** Distance from a point to an interval; 0n inside. */
export function distanceTo({ low, high }: MedianInterval, value: bigint): bigint {
  if (value < low) return low - value;
  return value > high ? value - high : 0n;
}
