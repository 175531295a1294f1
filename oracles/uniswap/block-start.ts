import { type PoolHistory, PoolHistoryError } from './observations.ts';

const MAX_UINT160 = (1n << 160n) - 1n;

/**
 * Tick and liquidity at the start of the block at `now`: what they were before this block's trades. The difference to
 * the present tick is the move inside one block. The tick truncates toward zero here, unlike a mean's.
 * @throws PoolHistoryError `NEO` with fewer than two observations, `ONI` when the one before was never written
 */
export function blockStart(history: PoolHistory, now: number): { tick: number; liquidity: bigint } {
  const { observations, index, cardinality, tick, liquidity } = history;
  if (cardinality <= 1) throw new PoolHistoryError('NEO', 'the pool keeps fewer than two observations');
  const last = observations[index]!;
  if (last.time !== now) return { tick, liquidity };
  const previous = observations[(index + cardinality - 1) % cardinality]!;
  if (!previous.initialized) throw new PoolHistoryError('ONI', 'the observation before was never written');
  const delta = BigInt(last.time - previous.time);
  const perLiquidity = BigInt.asUintN(160, last.secondsPerLiquidityX128 - previous.secondsPerLiquidityX128);
  return {
    tick: Number((last.tickCumulative - previous.tickCumulative) / delta),
    liquidity: BigInt.asUintN(128, (delta * MAX_UINT160) / (perLiquidity << 32n)),
  };
}
