import { type Address, decodeFunctionResult, encodeFunctionData, type Hex, maxUint256 } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { uniswapArtifact } from '../artifacts.ts';
import type { Transaction } from '../block-builder.ts';
import { sqrtPriceX96 } from '../pool-price.ts';
import type { Rpc } from '../rpc.ts';
import type { DevnetPool } from '../types.ts';

/** More than any swap takes: the price limit ends it. */
const AMOUNT_IN = 2n ** 112n;

export interface PoolTarget {
  readonly asset: string;
  readonly pool: DevnetPool;
  readonly targetPrice: number;
}

/**
 * Swaps that leave each pool at its target, as an arbitrageur's do: exact input, stopped by the price limit.
 * A pool that stands there already gets none.
 */
export async function poolSwaps(
  rpc: Rpc,
  router: Address,
  targets: readonly PoolTarget[],
  accounts: DevnetAccounts,
): Promise<Transaction[]> {
  const limits = targets.map(({ pool, targetPrice }, index) => {
    const baseIsToken0 = BigInt(pool.baseToken) < BigInt(pool.quoteToken);
    return sqrtPriceX96(targetPrice, { ...pool, baseIsToken0 }, `pools[${index}].targetPrice`);
  });
  const { abi: routerAbi } = uniswapArtifact('v3-periphery', 'SwapRouter');
  const { abi: poolAbi } = uniswapArtifact('v3-core', 'UniswapV3Pool');
  const slot0 = encodeFunctionData({ abi: poolAbi, functionName: 'slot0' });
  const replies = await rpc.batch(
    targets.map(({ pool }) => ({ method: 'eth_call', params: [{ to: pool.pool, data: slot0 }, 'latest'] })),
  );
  return targets.flatMap(({ asset, pool }, index): Transaction[] => {
    const reply = replies[index]!;
    if (!reply.ok) throw new Error(`slot0 of the ${asset} pool: ${reply.error}`);
    const [spot] = decodeFunctionResult({
      abi: poolAbi,
      functionName: 'slot0',
      data: reply.result as Hex,
    }) as readonly [bigint];
    const limit = limits[index]!;
    if (spot === limit) return [];
    // Selling token0 lowers the price, which is counted in token1 per token0.
    const [token0, token1] =
      BigInt(pool.baseToken) < BigInt(pool.quoteToken)
        ? [pool.baseToken, pool.quoteToken]
        : [pool.quoteToken, pool.baseToken];
    const [tokenIn, tokenOut] = limit < spot ? [token0, token1] : [token1, token0];
    const params = {
      tokenIn,
      tokenOut,
      fee: pool.fee,
      recipient: accounts.arbitrageur,
      deadline: maxUint256,
      amountIn: AMOUNT_IN,
      amountOutMinimum: 0n,
      sqrtPriceLimitX96: limit,
    };
    return [
      {
        label: `swap in the ${asset} pool`,
        from: accounts.arbitrageur,
        to: router,
        data: encodeFunctionData({ abi: routerAbi, functionName: 'exactInputSingle', args: [params] }),
        abi: routerAbi,
      },
    ];
  });
}
