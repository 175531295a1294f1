import { type Address, encodeFunctionData } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { builtArtifact } from '../artifacts.ts';
import type { Transaction } from '../block-builder.ts';

const FEED_ABI = builtArtifact('ArbitrumSequencerUptimeFeed').abi;

/** A report to the uptime feed, whose `true` and answer 1 mean that the sequencer is down. No change, no round. */
export function sequencerStatus(
  aggregator: Address,
  up: boolean,
  timestampSeconds: number,
  accounts: DevnetAccounts,
): Transaction {
  return {
    label: `sequencer ${up ? 'up' : 'down'}`,
    from: accounts.sequencerReporter,
    to: aggregator,
    data: encodeFunctionData({
      abi: FEED_ABI,
      functionName: 'updateStatus',
      args: [!up, BigInt(timestampSeconds)],
    }),
    abi: FEED_ABI,
  };
}
