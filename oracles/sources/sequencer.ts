import type { Address } from 'viem';
import type { Seconds } from '../../risk/units/time.ts';
import { AGGREGATOR_V3_ABI } from './chainlink.ts';
import type { PinnedView, ReadCall, ReadOutcome } from './ports.ts';

/** Chainlink's uptime feed of an L2, and how long after a stop its prices stay refused. */
export interface SequencerConfig {
  readonly uptimeFeed: Address;
  readonly graceSeconds: Seconds;
}

export const sequencerCall = ({ uptimeFeed }: SequencerConfig): ReadCall => ({
  address: uptimeFeed,
  abi: AGGREGATOR_V3_ABI,
  functionName: 'latestRoundData',
});

/**
 * Why no price of the chain may be used, or null. While the sequencer is down users cannot act on prices, and
 * just after it nobody could have acted on the old ones. Times are of the chain: a clock elsewhere cannot shorten
 * the grace period. An uptime feed that does not answer, or has never been set, counts as down.
 */
export function sequencerRefusal(
  config: SequencerConfig,
  outcome: ReadOutcome | undefined,
  view: PinnedView,
): { code: string; message: string } | null {
  if (!outcome?.ok) {
    return {
      code: 'sequencer',
      message: `the uptime feed does not answer: ${outcome?.error ?? 'no outcome'}`,
    };
  }
  const [, answer, startedAt] = outcome.value as readonly bigint[];
  const sinceSeconds = Math.floor(view.blockTimeMs / 1000) - Number(startedAt!);
  if (startedAt === 0n) return { code: 'sequencer', message: 'the uptime feed has no status yet' };
  if (answer !== 0n) return { code: 'sequencer', message: `the sequencer is down since ${sinceSeconds} s` };
  if (sinceSeconds < config.graceSeconds) {
    const message = `the sequencer is up since ${sinceSeconds} s, the grace period is ${config.graceSeconds} s`;
    return { code: 'sequencer-grace', message };
  }
  return null;
}
