/** Standard normal quantiles of QUANTILE_LEVELS. */
export const NORMAL_SCORES: readonly number[] = [
  -1.6448536269514722, -1.2815515655446004, -0.6744897501960817, 0, 0.6744897501960817, 1.2815515655446004,
  1.6448536269514722, 1.959963984540054, 2.3263478740408408,
];
const SMALLEST_GAP = 1e-6;

/**
 * Score of a log outcome under a forecast's own quantiles: the monotone map that takes its quantiles to normal
 * scores, linear between them and beyond. Were the quantiles right, scores would be standard normal; their empirical
 * quantiles correct what is not.
 */
export function toScore(knots: ArrayLike<number>, log: number): number {
  let k = 1;
  while (k < NORMAL_SCORES.length - 1 && log > knots[k]!) k += 1;
  const gap = Math.max(knots[k]! - knots[k - 1]!, SMALLEST_GAP);
  return NORMAL_SCORES[k - 1]! + ((log - knots[k - 1]!) / gap) * (NORMAL_SCORES[k]! - NORMAL_SCORES[k - 1]!);
}

/** Inverse of `toScore`. */
export function fromScore(knots: ArrayLike<number>, score: number): number {
  let k = 1;
  while (k < NORMAL_SCORES.length - 1 && score > NORMAL_SCORES[k]!) k += 1;
  const gap = Math.max(knots[k]! - knots[k - 1]!, SMALLEST_GAP);
  const share = (score - NORMAL_SCORES[k - 1]!) / (NORMAL_SCORES[k]! - NORMAL_SCORES[k - 1]!);
  return knots[k - 1]! + share * gap;
}
