import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { priceAtSqrtX96 } from '../../../chains/devnet/pool-price.ts';
import type { DevnetChain } from '../../../chains/devnet/types.ts';
import {
  PRICES,
  poolAbi,
  readContract,
  START,
  startTestDevnet,
  type TestDevnet,
} from '../support/local-chains.ts';

let devnet: TestDevnet;
beforeAll(async () => {
  devnet = await startTestDevnet();
});
afterAll(() => devnet?.stop());

type Slot0 = readonly [bigint, number, number, number, number, number, boolean];
const slot0 = (chain: DevnetChain, asset: string) =>
  readContract<Slot0>(chain, chain.pools[asset]!.pool, poolAbi, 'slot0');

function sideOf(chain: DevnetChain, asset: string) {
  const pool = chain.pools[asset]!;
  return { ...pool, baseIsToken0: BigInt(pool.baseToken) < BigInt(pool.quoteToken) };
}

/** Uniswap's tick of a price: how many times 1.0001 the raw ratio of token1 to token0 is, rounded down. */
function tickOf(chain: DevnetChain, asset: string, price: number): number {
  const { baseIsToken0, baseDecimals, quoteDecimals } = sideOf(chain, asset);
  const quotePerBase = price * 10 ** (quoteDecimals - baseDecimals);
  return Math.floor(Math.log(baseIsToken0 ? quotePerBase : 1 / quotePerBase) / Math.log(1.0001));
}

async function meanTick(chain: DevnetChain, asset: string, windowSeconds: number): Promise<number> {
  const [cumulatives] = await readContract<readonly [readonly bigint[], readonly bigint[]]>(
    chain,
    chain.pools[asset]!.pool,
    poolAbi,
    'observe',
    [[windowSeconds, 0]],
  );
  return Number(cumulatives[1]! - cumulatives[0]!) / windowSeconds;
}

describe('Uniswap v3 pools on a local chain', () => {
  it('start at the price of the asset in USDC, deep, with room for a thousand observations', async () => {
    for (const chain of devnet.chains) {
      for (const asset of ['BTC', 'ETH', 'SOL'] as const) {
        const [sqrtPriceX96, , , , cardinalityNext] = await slot0(chain, asset);
        const expected = PRICES[asset] / PRICES.USDC;
        expect(priceAtSqrtX96(sqrtPriceX96, sideOf(chain, asset)) / expected).toBeCloseTo(1, 12);
        expect(cardinalityNext).toBe(1000);
        const tokens = await Promise.all(
          (['token0', 'token1'] as const).map((name) =>
            readContract<Hex>(chain, chain.pools[asset]!.pool, poolAbi, name),
          ),
        );
        const { baseToken, quoteToken } = chain.pools[asset]!;
        expect([...tokens].sort()).toEqual([baseToken, quoteToken].sort());
      }
    }
  });

  it('hold both orders of base and quote over the chains, so that neither goes untested', () => {
    const orders = new Set(
      devnet.chains.flatMap((chain) =>
        ['BTC', 'ETH', 'SOL'].map((asset) => sideOf(chain, asset).baseIsToken0),
      ),
    );
    expect(orders).toEqual(new Set([true, false]));
  });

  it('have a window of 30 minutes from the start, at the first price', async () => {
    for (const asset of ['BTC', 'ETH', 'SOL'] as const) {
      const expected = tickOf(devnet.hub, asset, PRICES[asset] / PRICES.USDC);
      expect(await meanTick(devnet.hub, asset, 1800)).toBe(expected);
    }
    await expect(meanTick(devnet.hub, 'BTC', 86_400)).rejects.toThrow('OLD');
  });

  it('go where the swaps bring them, and their average is what those swaps imply', async () => {
    const path = [
      { afterSeconds: 600, BTC: 36_000, SOL: 75 },
      { afterSeconds: 12, BTC: 36_500.25, SOL: 30 },
      { afterSeconds: 1200, BTC: 41_000, SOL: 30 },
      { afterSeconds: 588, BTC: 40_000, SOL: 61.5 },
    ];
    let time = START;
    for (const { afterSeconds, BTC, SOL } of path) {
      time += afterSeconds;
      await devnet.hub.step({
        timestampSeconds: time,
        pools: [
          { asset: 'BTC', targetPrice: BTC },
          { asset: 'SOL', targetPrice: SOL },
        ],
      });
      for (const [asset, target] of Object.entries({ BTC, SOL })) {
        const [sqrtPriceX96, tick] = await slot0(devnet.hub, asset);
        expect(priceAtSqrtX96(sqrtPriceX96, sideOf(devnet.hub, asset)) / target).toBeCloseTo(1, 12);
        expect(tick).toBe(tickOf(devnet.hub, asset, target));
      }
    }
    // The last 1800 s: 12 s at the first target, 1200 s at the second, 588 s at the third, the last one just set.
    for (const asset of ['BTC', 'SOL'] as const) {
      const [first, second, third] = path.map((leg) => tickOf(devnet.hub, asset, leg[asset]));
      const expected = (12 * first! + 1200 * second! + 588 * third!) / 1800;
      expect(await meanTick(devnet.hub, asset, 1800)).toBeCloseTo(expected, 9);
    }
    const [, , , cardinality] = await slot0(devnet.hub, 'BTC');
    expect(cardinality).toBe(1000);
  });

  it('are left alone when they stand at the target already', async () => {
    const before = await slot0(devnet.l2, 'ETH');
    await devnet.l2.step({
      timestampSeconds: START + 12,
      pools: [{ asset: 'ETH', targetPrice: PRICES.ETH / PRICES.USDC }],
    });
    expect(await slot0(devnet.l2, 'ETH')).toEqual(before);
  });
});
