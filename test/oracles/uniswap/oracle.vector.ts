import { describe, expect, it } from 'vitest';
import { poolMean } from '../../../oracles/uniswap/mean.ts';
import { priceAtTick } from '../../../oracles/uniswap/price-at-tick.ts';
import {
  MAX_SQRT_RATIO,
  MAX_TICK,
  MIN_SQRT_RATIO,
  MIN_TICK,
  sqrtRatioAtTick,
  tickAtSqrtRatio,
} from '../../../oracles/uniswap/tick-math.ts';
import { noVectors, vectorsOf } from '../../conformance/files.ts';
import { run } from '../../conformance/oracles/uniswap-v3-oracle.ts';

describe.skipIf(noVectors('uniswap-v3-oracle'))('Uniswap v3 vectors', () => {
  it('tick mathematics, observations and library come out exactly', () => {
    expect(run(vectorsOf('uniswap-v3-oracle'))).toMatchObject({ passed: 158, total: 158, failures: [] });
  });
});

function window(windowSeconds: number, ticks: [number, number], liquidity: [number, number]) {
  return poolMean({
    windowSeconds,
    tickCumulatives: [BigInt(ticks[0]), BigInt(ticks[1])],
    secondsPerLiquidityCumulativeX128s: [BigInt(liquidity[0]), BigInt(liquidity[1])],
  });
}

describe('tick mathematics', () => {
  it('ends where a pool ends (constants of v3-core TickMath)', () => {
    expect(sqrtRatioAtTick(MIN_TICK)).toBe(MIN_SQRT_RATIO);
    expect(sqrtRatioAtTick(MAX_TICK)).toBe(MAX_SQRT_RATIO);
    expect(tickAtSqrtRatio(MIN_SQRT_RATIO)).toBe(MIN_TICK);
    expect(tickAtSqrtRatio(MAX_SQRT_RATIO - 1n)).toBe(MAX_TICK - 1);
    expect(() => sqrtRatioAtTick(MAX_TICK + 1)).toThrow('tick');
    expect(() => tickAtSqrtRatio(MAX_SQRT_RATIO)).toThrow('sqrtRatioX96');
  });

  it('rounds the mean tick toward minus infinity and survives the wrap of the liquidity accumulator', () => {
    expect(window(4, [-10, -12], [10, 15]).meanTick).toBe(-1);
    const wrapped = poolMean({
      windowSeconds: 4,
      tickCumulatives: [0n, 0n],
      secondsPerLiquidityCumulativeX128s: [(1n << 160n) - 5n, 5n],
    });
    expect(wrapped.harmonicMeanLiquidity).toBe(poolMeanOfTen());
    expect(window(4, [0, 0], [7, 7]).harmonicMeanLiquidity).toBeNull();
  });

  it('prices whole tokens of either side with their decimals', () => {
    const at = (tick: number, baseIsToken0: boolean, baseDecimals: number, quoteDecimals: number) =>
      priceAtTick({ tick, baseIsToken0, baseDecimals, quoteDecimals });
    expect(at(0, true, 18, 18)).toBe(10n ** 18n);
    expect(at(0, true, 18, 6)).toBe(10n ** 30n);
    expect(at(0, false, 6, 18)).toBe(10n ** 6n);
    // 1.0001^-195000 x 1e12 = 3395.6 and its inverse through the other side
    const direct = Number(at(-195_000, true, 18, 6)) / 1e18;
    expect(direct).toBeCloseTo(1.0001 ** -195_000 * 1e12, 6);
    expect(Number(at(195_000, false, 18, 6)) / 1e18).toBeCloseTo(direct, 6);
  });
});

function poolMeanOfTen(): bigint {
  return window(4, [0, 0], [0, 10]).harmonicMeanLiquidity!;
}
