import { InvalidInputError } from '../../risk/errors.ts';

/** Accumulators and reserves of a Uniswap v2 pair at one moment; prices are UQ112x112 and wrap at 2^256. */
export interface PairState {
  readonly reserve0: bigint;
  readonly reserve1: bigint;
  /** uint32 time of the last update of the accumulators. */
  readonly updatedAtSeconds: number;
  readonly price0Cumulative: bigint;
  readonly price1Cumulative: bigint;
}

export interface CumulativePrice {
  readonly atSeconds: number;
  /** Of token0 in token1. */
  readonly price0: bigint;
  /** Of token1 in token0. */
  readonly price1: bigint;
}

const U32 = 2 ** 32;
const Q112 = 1n << 112n;

/**
 * The accumulators as they would be if the pair were touched at `atSeconds`: a pair without trades does not update them.
 * @throws InvalidInputError when a reserve is empty, where there is no price
 */
export function cumulativeAt(pair: PairState, atSeconds: number): CumulativePrice {
  if (pair.reserve0 <= 0n || pair.reserve1 <= 0n)
    throw new InvalidInputError('reserves', 'must not be empty');
  const elapsed = BigInt((((atSeconds - pair.updatedAtSeconds) % U32) + U32) % U32);
  const at = (last: bigint, numerator: bigint, denominator: bigint) =>
    BigInt.asUintN(256, last + ((numerator * Q112) / denominator) * elapsed);
  return {
    atSeconds,
    price0: at(pair.price0Cumulative, pair.reserve1, pair.reserve0),
    price1: at(pair.price1Cumulative, pair.reserve0, pair.reserve1),
  };
}

/**
 * Time-weighted mean price between two readings, UQ112x112, rounded down.
 * @throws InvalidInputError unless time passed between them
 */
export function meanBetween(
  from: CumulativePrice,
  to: CumulativePrice,
): { readonly price0X112: bigint; readonly price1X112: bigint; readonly seconds: number } {
  const seconds = to.atSeconds - from.atSeconds;
  if (!(seconds > 0)) throw new InvalidInputError('seconds', 'must pass between two readings');
  const mean = (first: bigint, last: bigint) => BigInt.asUintN(256, last - first) / BigInt(seconds);
  return {
    price0X112: mean(from.price0, to.price0),
    price1X112: mean(from.price1, to.price1),
    seconds,
  };
}

/** Price of one whole base token in whole quote tokens, 18 decimals, rounded down. */
export function pairPrice(priceX112: bigint, baseDecimals: number, quoteDecimals: number): bigint {
  const scale = 18 + baseDecimals - quoteDecimals;
  return scale >= 0
    ? (priceX112 * 10n ** BigInt(scale)) >> 112n
    : (priceX112 >> 112n) / 10n ** BigInt(-scale);
}
