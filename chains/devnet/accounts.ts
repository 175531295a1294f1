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
  /** Deploys and owns LayerZero and the risk contracts of this chain. */
  readonly messaging: Address;
  /** The two DVNs and the executor, as they send transactions on this chain. */
  readonly dvns: readonly [Address, Address];
  readonly executor: Address;
}

/** How many accounts a node must have. */
export const ACCOUNT_COUNT = 16;

/**
 * @param addresses the answer of `eth_accounts`.
 * @param ownerIndex differs by chain, so that no contract has the same address on two chains and a read sent to the
 *   wrong one cannot look right.
 * @param messagingIndex likewise, of the owner of LayerZero and the risk contracts.
 */
export function assignAccounts(
  addresses: readonly Address[],
  ownerIndex: number,
  messagingIndex: number,
): DevnetAccounts {
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
    messaging: at(messagingIndex),
    dvns: [at(13), at(14)],
    executor: at(15),
  };
}
