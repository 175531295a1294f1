import { InvalidInputError } from '../../risk/errors.ts';

/** Ticks outside have no price in a Uniswap v3 pool. */
export const MIN_TICK = -887272;
export const MAX_TICK = 887272;
export const MIN_SQRT_RATIO = 4295128739n;
export const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n;
const Q32 = 1n << 32n;
const MAX_UINT256 = (1n << 256n) - 1n;

function integerSqrt(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/**
 * 1.0001^(-2^i / 2) in Q128 for i = 0 to 19, rounded to nearest: what the pool's contract multiplies together.
 * Derived here with 512 fractional bits.
 */
const FACTORS: readonly bigint[] = (() => {
  const bits = 512n;
  let power = integerSqrt((10_000n << (2n * bits)) / 10_001n);
  return Array.from({ length: 20 }, () => {
    const rounded = (power + (1n << (bits - 129n))) >> (bits - 128n);
    power = (power * power) >> bits;
    return rounded;
  });
})();

/**
 * sqrt(1.0001^tick) in Q96, bit for bit as the pool's contract computes it: the product of truncated factors,
 * rounded up at the end.
 * @throws InvalidInputError outside MIN_TICK to MAX_TICK
 */
export function sqrtRatioAtTick(tick: number): bigint {
  if (!Number.isInteger(tick) || tick < MIN_TICK || tick > MAX_TICK) {
    throw new InvalidInputError('tick', `must be an integer from ${MIN_TICK} to ${MAX_TICK}`);
  }
  const magnitude = Math.abs(tick);
  let ratio = 1n << 128n;
  FACTORS.forEach((factor, bit) => {
    if ((magnitude >> bit) & 1) ratio = (ratio * factor) >> 128n;
  });
  if (tick > 0) ratio = MAX_UINT256 / ratio;
  return ratio / Q32 + (ratio % Q32 === 0n ? 0n : 1n);
}

/**
 * Greatest tick whose sqrt ratio is at most the one given.
 * @throws InvalidInputError outside [MIN_SQRT_RATIO, MAX_SQRT_RATIO)
 */
export function tickAtSqrtRatio(sqrtRatioX96: bigint): number {
  if (sqrtRatioX96 < MIN_SQRT_RATIO || sqrtRatioX96 >= MAX_SQRT_RATIO) {
    throw new InvalidInputError('sqrtRatioX96', 'is outside the range of a pool');
  }
  let low = MIN_TICK;
  let high = MAX_TICK;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (sqrtRatioAtTick(middle) <= sqrtRatioX96) low = middle;
    else high = middle - 1;
  }
  return low;
}
