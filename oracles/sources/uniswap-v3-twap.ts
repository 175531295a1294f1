import { type Address, parseAbi } from 'viem';
import type { UniswapV3Source } from '../config/feeds.ts';
import { poolMean } from '../uniswap/mean.ts';
import { priceAtTick } from '../uniswap/price-at-tick.ts';
import { MAX_TICK, MIN_TICK } from '../uniswap/tick-math.ts';
import type { ReadOutcome } from './ports.ts';
import { type Finding, type OnchainSource, refused } from './source.ts';
import { tokenOrder } from './token-order.ts';

const POOL_ABI = parseAbi([
  'function observe(uint32[] secondsAgos) view returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s)',
  'function token0() view returns (address)',
  'function token1() view returns (address)',
  'function fee() view returns (uint24)',
]);
const TOKEN_ABI = parseAbi(['function decimals() view returns (uint8)']);

type Observation = readonly [readonly bigint[], readonly bigint[]];

function observeFailure(error: string, windowSeconds: number): Finding {
  // The pool's own revert: its oldest observation is younger than the window.
  if (/\bOLD\b/.test(error)) {
    return refused('window', `the pool remembers less than the window of ${windowSeconds} s (OLD)`);
  }
  return refused('read-failed', error);
}

interface PoolFacts {
  readonly baseIsToken0: boolean;
  readonly feePips: number;
}

/** Order, decimals and fee as the chain has them; a string when they contradict the configuration. */
function checkFacts(source: UniswapV3Source, facts: readonly ReadOutcome[]): PoolFacts | Finding {
  for (const fact of facts) if (!fact.ok) return refused('read-failed', fact.error);
  const [token0, token1, fee, decimals0, decimals1] = facts.map((fact) => fact.ok && fact.value);
  if (decimals1 === undefined) return refused('read-failed', 'the pool did not name its tokens');
  const order = tokenOrder(`pool ${source.pool}`, source, { token0, token1, decimals0, decimals1 });
  return 'ok' in order ? order : { ...order, feePips: Number(fee) };
}

/**
 * Time-weighted mean price of a Uniswap v3 pool over the window that ends at the pinned block, whose time is the
 * publish time. The mean tick rounds toward minus infinity; harmonic mean liquidity says how cheap the pool is to move.
 */
export const uniswapV3Twap: OnchainSource<UniswapV3Source> = {
  calls: ({ pool, windowSeconds }) => [
    { address: pool, abi: POOL_ABI, functionName: 'observe', args: [[windowSeconds, 0]] },
    { address: pool, abi: POOL_ABI, functionName: 'token0' },
    { address: pool, abi: POOL_ABI, functionName: 'token1' },
  ],
  facts({ pool }, outcomes) {
    const [, token0, token1] = outcomes;
    if (!token0?.ok || !token1?.ok) return [];
    return [
      { address: pool, abi: POOL_ABI, functionName: 'fee' },
      { address: token0.value as Address, abi: TOKEN_ABI, functionName: 'decimals' },
      { address: token1.value as Address, abi: TOKEN_ABI, functionName: 'decimals' },
    ];
  },
  interpret({ source, outcomes, facts, view }): Finding {
    const [observed, token0, token1] = outcomes;
    if (!observed?.ok) return observeFailure(observed?.error ?? 'no outcome', source.windowSeconds);
    const checked = checkFacts(source, [token0!, token1!, ...facts]);
    if ('ok' in checked) return checked;
    const [ticks, liquidity] = observed.value as Observation;
    const mean = poolMean({
      windowSeconds: source.windowSeconds,
      tickCumulatives: [ticks[0]!, ticks[1]!],
      secondsPerLiquidityCumulativeX128s: [liquidity[0]!, liquidity[1]!],
    });
    if (mean.meanTick < MIN_TICK || mean.meanTick > MAX_TICK) {
      return refused('read-failed', `mean tick ${mean.meanTick} is outside of a pool's range`);
    }
    const price = priceAtTick({
      tick: mean.meanTick,
      baseIsToken0: checked.baseIsToken0,
      baseDecimals: source.baseDecimals,
      quoteDecimals: source.quoteDecimals,
    });
    if (price === 0n) return refused('non-positive-price', `tick ${mean.meanTick} is a price below 1e-18`);
    return {
      ok: true,
      quote: {
        price,
        expo: -18,
        confidence: 0n,
        publishTimeMs: view.blockTimeMs,
        details: {
          meanTick: mean.meanTick,
          windowSeconds: source.windowSeconds,
          harmonicMeanLiquidity: (mean.harmonicMeanLiquidity ?? 0n).toString(),
          feePips: checked.feePips,
        },
      },
    };
  },
};
