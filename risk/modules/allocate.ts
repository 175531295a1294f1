import { floorDiv } from '../units/wad.ts';

/**
 * Splits `total` in proportion to signed weights (Euler allocation of a term of degree one); the parts add up to it
 * exactly. What rounding leaves over goes to the first part. The weights must not sum to zero.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  const sum = weights.reduce((a, b) => a + b, 0n);
  if (sum === 0n) throw new RangeError('weights sum to zero');
  const sign = sum < 0n ? -1n : 1n;
  const parts = weights.map((weight) => floorDiv(total * weight * sign, sum * sign));
  const rest = total - parts.reduce((a, b) => a + b, 0n);
  if (parts.length > 0) parts[0] = parts[0]! + rest;
  return parts;
}
