import {
  type Address,
  decodeFunctionResult,
  encodeFunctionData,
  getContractAddress,
  type Hex,
  maxUint256,
} from 'viem';
import { uniswapArtifact } from '../../chains/devnet/artifacts.ts';
import { createRpc, type Rpc } from '../../chains/devnet/rpc.ts';
import type { DevnetChain } from '../../chains/devnet/types.ts';

const MANAGER = uniswapArtifact('v3-periphery', 'NonfungiblePositionManager').abi;
const POOL = uniswapArtifact('v3-core', 'UniswapV3Pool').abi;
/** Contracts that the owner of a local chain deploys before the position manager, at most. */
const DEPLOYED = 40;

async function call<Result>(
  rpc: Rpc,
  to: Address,
  abi: typeof POOL,
  name: string,
  args: unknown[] = [],
  from?: Address,
) {
  const data = encodeFunctionData({ abi, functionName: name, args });
  const result = (await rpc.call('eth_call', { to, data, ...(from && { from }) }, 'latest')) as Hex;
  return decodeFunctionResult({ abi, functionName: name, data: result, args }) as Result;
}

const rpcOf = (chain: DevnetChain) => createRpc(chain.definition.id, chain.definition.rpcUrls[0]!);

/** In-range liquidity of a pool. */
export function poolLiquidity(chain: DevnetChain, asset: string): Promise<bigint> {
  return call<bigint>(rpcOf(chain), chain.pools[asset]!.pool, POOL, 'liquidity');
}

interface Position {
  readonly manager: Address;
  readonly owner: Address;
  readonly tokenId: bigint;
}

/** The position of the pool's only provider: the manager is found among what the chain's accounts deployed. */
async function findPosition(rpc: Rpc, chain: DevnetChain, asset: string): Promise<Position> {
  const { baseToken } = chain.pools[asset]!;
  for (const from of (await rpc.call('eth_accounts')) as Address[]) {
    for (let nonce = 0n; nonce < BigInt(DEPLOYED); nonce += 1n) {
      const manager = getContractAddress({ from, nonce });
      const name = await call<string>(rpc, manager, MANAGER, 'name').catch(() => null);
      if (name !== 'Uniswap V3 Positions NFT-V1') continue;
      for (let tokenId = 1n; ; tokenId += 1n) {
        const [, , token0, token1] = await call<readonly [bigint, Address, Address, Address]>(
          rpc,
          manager,
          MANAGER,
          'positions',
          [tokenId],
        );
        if (BigInt(token0) !== BigInt(baseToken) && BigInt(token1) !== BigInt(baseToken)) continue;
        return { manager, owner: await call<Address>(rpc, manager, MANAGER, 'ownerOf', [tokenId]), tokenId };
      }
    }
  }
  throw new Error(`no position in the ${asset} pool of ${chain.definition.id}`);
}

/** Takes all but a thousandth out of a pool, as its providers do when they flee. @returns puts it back */
export async function drainPool(chain: DevnetChain, asset: string): Promise<() => Promise<unknown>> {
  const rpc = rpcOf(chain);
  const { manager, owner, tokenId } = await findPosition(rpc, chain, asset);
  const liquidity = await poolLiquidity(chain, asset);
  const send = (functionName: string, args: object) =>
    chain.transact([
      {
        label: functionName,
        from: owner,
        to: manager,
        data: encodeFunctionData({ abi: MANAGER, functionName, args: [args] }),
        abi: MANAGER,
      },
    ]);
  const common = { tokenId, amount0Min: 0n, amount1Min: 0n, deadline: maxUint256 };
  const taken = { ...common, liquidity: (liquidity * 999n) / 1000n };
  const [amount0Desired, amount1Desired] = await call<readonly [bigint, bigint]>(
    rpc,
    manager,
    MANAGER,
    'decreaseLiquidity',
    [taken],
    owner,
  );
  await send('decreaseLiquidity', taken);
  const most = { recipient: owner, amount0Max: 2n ** 128n - 1n, amount1Max: 2n ** 128n - 1n };
  await send('collect', { tokenId, ...most });
  return () => send('increaseLiquidity', { ...common, amount0Desired, amount1Desired });
}
