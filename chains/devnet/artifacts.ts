import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Abi, Hex } from 'viem';

/** A compiled contract, and what it was compiled from. */
export interface Artifact {
  readonly contract: string;
  /** `sha256` covers the source and everything it imports. */
  readonly source: { readonly package: string; readonly path: string; readonly sha256: string };
  readonly licence: string;
  readonly compiler: string;
  readonly abi: Abi;
  readonly bytecode: Hex;
}

/** What a deployment needs of a contract. */
export interface Deployable {
  readonly abi: Abi;
  readonly bytecode: Hex;
}

const require = createRequire(import.meta.url);
export const ARTIFACTS_DIRECTORY = join(import.meta.dirname, 'artifacts');

const loaded = new Map<string, Deployable>();

/** Artifacts are read when a chain first needs them: importing this folder reads nothing. */
function once<Contract extends Deployable>(key: string, load: () => Contract): Contract {
  const known = loaded.get(key) as Contract | undefined;
  if (known) return known;
  const contract = load();
  loaded.set(key, contract);
  return contract;
}

/** A contract compiled by `npm run contracts:build` and committed. */
export function builtArtifact(contract: string): Artifact {
  return once(contract, () => {
    return JSON.parse(readFileSync(join(ARTIFACTS_DIRECTORY, `${contract}.json`), 'utf8')) as Artifact;
  });
}

/** A contract of Uniswap v3, as its package ships it compiled. */
export function uniswapArtifact(
  name: 'v3-core' | 'v3-periphery',
  contract: 'UniswapV3Factory' | 'UniswapV3Pool' | 'NonfungiblePositionManager' | 'SwapRouter',
): Deployable {
  return once(`${name}/${contract}`, () => {
    const path = `@uniswap/${name}/artifacts/contracts/${contract}.sol/${contract}.json`;
    const { abi, bytecode } = require(path) as Deployable;
    return { abi, bytecode };
  });
}

/** Pyth's own mock of its contract (same interface, no signatures), as its package ships it compiled. */
export function mockPythArtifact(): Deployable {
  return once('MockPyth', () => {
    const abi = require('@pythnetwork/pyth-sdk-solidity/abis/MockPyth.json') as Abi;
    const path = require.resolve('@pythnetwork/pyth-sdk-solidity/build/MockPyth_sol_MockPyth.bin');
    return { abi, bytecode: `0x${readFileSync(path, 'utf8').trim()}` as Hex };
  });
}

const LAYER_ZERO = {
  EndpointV2: 'lz-evm-protocol-v2/artifacts/contracts/EndpointV2.sol',
  SendUln302: 'lz-evm-messagelib-v2/artifacts/contracts/uln/uln302/SendUln302.sol',
  ReceiveUln302: 'lz-evm-messagelib-v2/artifacts/contracts/uln/uln302/ReceiveUln302.sol',
  DVN: 'lz-evm-messagelib-v2/artifacts/contracts/uln/dvn/DVN.sol',
  DVNFeeLib: 'lz-evm-messagelib-v2/artifacts/contracts/uln/dvn/DVNFeeLib.sol',
  Executor: 'lz-evm-messagelib-v2/artifacts/contracts/Executor.sol',
  ExecutorFeeLib: 'lz-evm-messagelib-v2/artifacts/contracts/ExecutorFeeLib.sol',
  PriceFeed: 'lz-evm-messagelib-v2/artifacts/contracts/PriceFeed.sol',
  Treasury: 'lz-evm-messagelib-v2/artifacts/contracts/Treasury.sol',
} as const;

export type LayerZeroContract = keyof typeof LAYER_ZERO;

/** A contract of LayerZero v2, as its package ships it compiled; its licence keeps it out of this repository. */
export function layerZeroArtifact(contract: LayerZeroContract): Deployable {
  return once(`layerzero/${contract}`, () => {
    const { abi, bytecode } = require(
      `@layerzerolabs/${LAYER_ZERO[contract]}/${contract}.json`,
    ) as Deployable;
    return { abi, bytecode };
  });
}
