import type { Address } from 'viem';

/** Anvil's unlocked accounts by the part they play. Local chains only: their keys are public. */
export interface DevnetAccounts {
  /** Deploys, owns the contracts and provides the pools' liquidity. */
  readonly owner: Address;
  /** The three nodes that submit to every Chainlink aggregator. */
  readonly oracles: readonly [Address, Address, Address];
  readonly pythPusher: Address;
  readonly arbitrageur: Address;
  /** Stands for the L1 contract that reports the sequencer's status, under its L2 alias. */
  readonly sequencerReporter: Address;
}

/**
 * @param addresses the answer of `eth_accounts`.
 * @param ownerIndex differs by chain, so that no contract has the same address on two chains and a read sent to the
 *   wrong one cannot look right.
 */
export function assignAccounts(addresses: readonly Address[], ownerIndex: number): DevnetAccounts {
  const at = (index: number): Address => {
    const address = addresses[index];
    if (address === undefined) throw new RangeError(`the node has no account ${index}`);
    return address.toLowerCase() as Address;
  };
  return {
    owner: at(ownerIndex),
    oracles: [at(1), at(2), at(3)],
    pythPusher: at(4),
    arbitrageur: at(5),
    sequencerReporter: at(6),
  };
}
