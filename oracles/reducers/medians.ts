/** A value with its weight (stake, power); floats, for figures that do not settle. */
export interface Weighted {
  readonly value: number;
  readonly weight: number;
}

/** Plain median, the mean of the middle two for an even count; null of nothing. */
export function median(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Smallest value at which at least half of the weight is reached; null of nothing. Never between two values. */
export function lowerWeightedMedian(values: readonly Weighted[]): number | null {
  const sorted = [...values].sort((a, b) => a.value - b.value || a.weight - b.weight);
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0);
  let cumulative = 0;
  for (const { value, weight } of sorted) {
    cumulative += weight;
    if (2 * cumulative >= total) return value;
  }
  return null;
}

/** Whether those who answered hold at least `threshold` (0..1) of all weight. */
export function meetsPowerThreshold(submitted: number, total: number, threshold: number): boolean {
  return total > 0 && submitted / total >= threshold;
}

/**
 * The `count` vectors nearest to the median of each dimension, nearest first; distance is the sum over dimensions of
 * the relative deviation. Equal distances keep their order.
 */
export function closestToMedian(
  vectors: readonly (readonly number[])[],
  count: number,
): readonly (readonly number[])[] {
  const dimensions = vectors[0]?.length ?? 0;
  const medians = Array.from(
    { length: dimensions },
    (_, index) => median(vectors.map((vector) => vector[index]!))!,
  );
  const distance = (vector: readonly number[]): number =>
    medians.reduce(
      (sum, middle, index) => sum + Math.abs(vector[index]! - middle) / Math.abs(middle || 1),
      0,
    );
  return vectors
    .map((vector) => ({ vector, distance: distance(vector) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ vector }) => vector);
}
