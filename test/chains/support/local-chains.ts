import { type Abi, type Address, createPublicClient, http } from 'viem';
import { builtArtifact, uniswapArtifact } from '../../../chains/devnet/artifacts.ts';
import { startDevnet } from '../../../chains/devnet/start-devnet.ts';
import type { Devnet, DevnetChain } from '../../../chains/devnet/types.ts';

/** 2023-11-14T22:13:20Z: in the past, as a replay is. */
export const START = 1_700_000_000;
export const PRICES = { BTC: 37_000, ETH: 2_000, SOL: 60, USDC: 1.0001 };

export const proxyAbi = builtArtifact('EACAggregatorProxy').abi;
export const fluxAbi = builtArtifact('FluxAggregator').abi;
export const poolAbi = uniswapArtifact('v3-core', 'UniswapV3Pool').abi;

export interface TestDevnet extends Devnet {
  readonly hub: DevnetChain;
  readonly l2: DevnetChain;
}

export async function startTestDevnet(): Promise<TestDevnet> {
  const devnet = await startDevnet({ startTimeSeconds: START, prices: PRICES });
  const [hub, l2] = devnet.chains;
  return { ...devnet, hub: hub!, l2: l2! };
}

/** Reads with plain viem, apart from the code under test; at the head unless a block is given. */
export async function readContract<Result>(
  chain: DevnetChain,
  address: Address,
  abi: Abi,
  functionName: string,
  args: readonly unknown[] = [],
  blockNumber?: bigint,
): Promise<Result> {
  const client = createPublicClient({ transport: http(chain.definition.rpcUrls[0]), cacheTime: 0 });
  const at = blockNumber === undefined ? {} : { blockNumber };
  return (await client.readContract({ address, abi, functionName, args, ...at })) as Result;
}

/** roundId, answer, startedAt, updatedAt, answeredInRound */
export type Round = readonly [bigint, bigint, bigint, bigint, bigint];

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
