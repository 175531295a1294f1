import { InvalidInputError } from '../../risk/errors.ts';
import { floorDiv } from '../../risk/units/wad.ts';

const MAX_UINT160 = (1n << 160n) - 1n;
const MAX_UINT128 = (1n << 128n) - 1n;

/** What `observe([windowSeconds, 0])` of a pool gives: the two accumulators at the start and at the end. */
export interface PoolWindow {
  readonly windowSeconds: number;
  readonly tickCumulatives: readonly [bigint, bigint];
  readonly secondsPerLiquidityCumulativeX128s: readonly [bigint, bigint];
}

export interface PoolMean {
  /** Time-weighted mean tick, rounded toward minus infinity. */
  readonly meanTick: number;
  /** Harmonic mean of the in-range liquidity; null when the accumulator stood still. */
  readonly harmonicMeanLiquidity: bigint | null;
}

/**
 * Mean tick and harmonic mean liquidity over a window (definitions of Uniswap's OracleLibrary). Accumulators wrap:
 * int56 ticks are sign-extended by the decoder, the uint160 difference is taken modulo 2^160.
 * @throws InvalidInputError for a window of 0
 */
export function poolMean(window: PoolWindow): PoolMean {
  if (!Number.isInteger(window.windowSeconds) || window.windowSeconds <= 0) {
    throw new InvalidInputError('windowSeconds', 'must be a whole number of at least 1');
  }
  const seconds = BigInt(window.windowSeconds);
  const delta = BigInt.asIntN(56, window.tickCumulatives[1] - window.tickCumulatives[0]);
  const [before, after] = window.secondsPerLiquidityCumulativeX128s;
  const inverse = BigInt.asUintN(160, after - before);
  return {
    meanTick: Number(floorDiv(delta, seconds)),
    harmonicMeanLiquidity: inverse === 0n ? null : ((seconds * MAX_UINT160) / (inverse << 32n)) & MAX_UINT128,
  };
}
