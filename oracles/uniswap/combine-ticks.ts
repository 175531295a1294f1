import { InvalidInputError } from '../../risk/errors.ts';
import { floorDiv } from '../../risk/units/wad.ts';
import { sqrtRatioAtTick } from './tick-math.ts';

const MAX_UINT128 = (1n << 128n) - 1n;

/** Mean of ticks weighted by liquidity, rounded toward minus infinity. The weights must not add up to 0. */
export function weightedMeanTick(
  ticks: readonly { readonly tick: number; readonly weight: bigint }[],
): number {
  const total = ticks.reduce((sum, { weight }) => sum + weight, 0n);
  return Number(
    floorDiv(
      ticks.reduce((sum, { tick, weight }) => sum + BigInt(tick) * weight, 0n),
      total,
    ),
  );
}

/**
 * Tick of a price through several pools: ticks add up where the path goes from the lower token address to the higher
 * one, and subtract otherwise.
 * @throws InvalidInputError unless there is one tick between any two tokens
 */
export function chainedTick(tokens: readonly string[], ticks: readonly number[]): number {
  if (tokens.length - 1 !== ticks.length) {
    throw new InvalidInputError('ticks', `must be ${tokens.length - 1} for ${tokens.length} tokens`);
  }
  return ticks.reduce((sum, tick, index) => {
    const ascending = BigInt(tokens[index]!) < BigInt(tokens[index + 1]!);
    return ascending ? sum + tick : sum - tick;
  }, 0);
}

/** Amount of quote tokens for an amount of base tokens at a tick, in smallest units, with the library's truncations. */
export function quoteAtTick(tick: number, baseAmount: bigint, baseIsToken0: boolean): bigint {
  const sqrtRatio = sqrtRatioAtTick(tick);
  const [ratio, one] =
    sqrtRatio <= MAX_UINT128
      ? [sqrtRatio * sqrtRatio, 1n << 192n]
      : [(sqrtRatio * sqrtRatio) >> 64n, 1n << 128n];
  return baseIsToken0 ? (ratio * baseAmount) / one : (one * baseAmount) / ratio;
}
