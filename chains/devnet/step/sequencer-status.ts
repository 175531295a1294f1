import { type Address, encodeFunctionData } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { builtArtifact } from '../artifacts.ts';
import type { Transaction } from '../block-builder.ts';

/** A report to the uptime feed, whose `true` and answer 1 mean that the sequencer is down. No change, no round. */
export function sequencerStatus(
  aggregator: Address,
  up: boolean,
  timestampSeconds: number,
  accounts: DevnetAccounts,
): Transaction {
  const { abi } = builtArtifact('ArbitrumSequencerUptimeFeed');
  return {
    label: `sequencer ${up ? 'up' : 'down'}`,
    from: accounts.sequencerReporter,
    to: aggregator,
    data: encodeFunctionData({
      abi,
      functionName: 'updateStatus',
      args: [!up, BigInt(timestampSeconds)],
    }),
    abi,
  };
}
