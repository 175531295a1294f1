import { InvalidInputError } from '../../risk/errors.ts';

/** Which way round a pool holds its pair, and in what decimals. */
export interface PoolSide {
  readonly baseIsToken0: boolean;
  readonly baseDecimals: number;
  readonly quoteDecimals: number;
}

const Q96 = 2 ** 96;

/**
 * sqrtPriceX96 of Uniswap v3 (square root of raw token1 per raw token0, times 2^96) at `price` quote per base.
 * Accurate to the last bits of a double, about 1e-16.
 * @throws InvalidInputError
 */
export function sqrtPriceX96(price: number, side: PoolSide, field = 'price'): bigint {
  if (!Number.isFinite(price) || price <= 0) throw new InvalidInputError(field, 'must be a positive number');
  const quotePerBase = price * 10 ** (side.quoteDecimals - side.baseDecimals);
  const token1PerToken0 = side.baseIsToken0 ? quotePerBase : 1 / quotePerBase;
  return BigInt(Math.floor(Math.sqrt(token1PerToken0) * Q96));
}

/** Quote per base at a pool's sqrtPriceX96: the inverse of `sqrtPriceX96`. */
export function priceAtSqrtX96(sqrtX96: bigint, side: PoolSide): number {
  const token1PerToken0 = (Number(sqrtX96) / Q96) ** 2;
  const quotePerBase = side.baseIsToken0 ? token1PerToken0 : 1 / token1PerToken0;
  return quotePerBase * 10 ** (side.baseDecimals - side.quoteDecimals);
}
