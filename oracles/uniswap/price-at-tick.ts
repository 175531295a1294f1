import { sqrtRatioAtTick } from './tick-math.ts';

const Q192 = 1n << 192n;

export interface TickPriceInput {
  readonly tick: number;
  /** True when the priced token is the pool's token0. */
  readonly baseIsToken0: boolean;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
}

/**
 * Price of one whole base token in whole quote tokens at a tick, with 18 decimals, rounded down. Integers only:
 * (sqrtRatio / 2^96)^2, inverted when the base is token1, scaled by the tokens' decimals.
 */
export function priceAtTick(input: TickPriceInput): bigint {
  const sqrtRatio = sqrtRatioAtTick(input.tick);
  const ratioX192 = sqrtRatio * sqrtRatio;
  const [numerator, denominator] = input.baseIsToken0 ? [ratioX192, Q192] : [Q192, ratioX192];
  const scale = 18 + input.baseDecimals - input.quoteDecimals;
  return scale >= 0
    ? (numerator * 10n ** BigInt(scale)) / denominator
    : numerator / (denominator * 10n ** BigInt(-scale));
}
