import { floorDiv } from '../units/wad.ts';

/**
 * Splits `total` in proportion to signed weights (Euler allocation of a term of degree one); the parts add up to it
 * exactly. What rounding leaves over goes to the first part. The weights must not sum to zero.
 */
export function allocate(total: bigint, weights: readonly bigint[]): bigint[] {
  let sum = 0n;
  for (const weight of weights) sum += weight;
  if (sum === 0n) throw new RangeError('weights sum to zero');
  const signed = sum < 0n ? -total : total;
  const divisor = sum < 0n ? -sum : sum;
  const parts: bigint[] = [];
  let rest = total;
  for (const weight of weights) {
    const part = floorDiv(signed * weight, divisor);
    parts.push(part);
    rest -= part;
  }
  if (rest !== 0n) parts[0] = parts[0]! + rest;
  return parts;
}
