/** One contract to compile: which file of which package, with which compiler. */
export interface BuildTarget {
  /** Name of the contract, and of the artifact file. */
  readonly contract: string;
  /** npm name (alias) of the package that holds the source, or null for a source of this project. */
  readonly package: string | null;
  /** Path of the source inside the package, or inside this project. */
  readonly source: string;
  /** npm name (alias) of the compiler. */
  readonly compiler: 'solc' | 'solc-v0.6';
}

const fluxPackage = '@chainlink/contracts-v0.8';

/**
 * Contracts that no package ships compiled. The v0.6 contracts are pinned to solc 0.6.6 by their pragma.
 * Their licences (checked file by file during the build) let the artifacts stand in this repository.
 */
export const BUILD_TARGETS: readonly BuildTarget[] = [
  {
    contract: 'FluxAggregator',
    package: fluxPackage,
    source: 'src/v0.6/FluxAggregator.sol',
    compiler: 'solc-v0.6',
  },
  {
    contract: 'EACAggregatorProxy',
    package: fluxPackage,
    source: 'src/v0.6/EACAggregatorProxy.sol',
    compiler: 'solc-v0.6',
  },
  {
    contract: 'SimpleReadAccessController',
    package: fluxPackage,
    source: 'src/v0.6/SimpleReadAccessController.sol',
    compiler: 'solc-v0.6',
  },
  {
    contract: 'Flags',
    package: '@chainlink/contracts',
    source: 'src/v0.8/l2ep/Flags.sol',
    compiler: 'solc',
  },
  {
    contract: 'ArbitrumSequencerUptimeFeed',
    package: '@chainlink/contracts',
    source: 'src/v0.8/l2ep/arbitrum/ArbitrumSequencerUptimeFeed.sol',
    compiler: 'solc',
  },
  {
    contract: 'Multicall3',
    package: '@chainlink/contracts',
    source: 'src/v0.8/vendor/multicall/ebd8b64/src/Multicall3.sol',
    compiler: 'solc',
  },
  {
    contract: 'DevnetToken',
    package: null,
    source: 'chains/devnet/contracts/DevnetToken.sol',
    compiler: 'solc',
  },
];
