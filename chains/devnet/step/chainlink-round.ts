import { encodeFunctionData } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { builtArtifact } from '../artifacts.ts';
import type { Transaction } from '../block-builder.ts';
import type { DevnetChainlinkFeed } from '../types.ts';

/** Distance of the outer two submissions from the median, in parts of the answer: 1 basis point. */
const SPREAD = 10_000n;

/**
 * One complete round: three oracles submit, the middle one `answer`; who is in the middle changes by round. The outer
 * two stay inside the bounds, and an answer outside of them is what all three submit: a round fails as a whole.
 */
export function chainlinkRound(
  asset: string,
  feed: Pick<DevnetChainlinkFeed, 'aggregator' | 'minSubmissionValue' | 'maxSubmissionValue'>,
  roundId: number,
  answer: bigint,
  accounts: DevnetAccounts,
): Transaction[] {
  const { abi } = builtArtifact('FluxAggregator');
  const distance = answer / SPREAD + 1n;
  const { minSubmissionValue: min, maxSubmissionValue: max } = feed;
  const outer = (value: bigint) => {
    if (answer < min || answer > max) return answer;
    return value < min ? min : value > max ? max : value;
  };
  const submissions = [outer(answer - distance), answer, outer(answer + distance)];
  return accounts.oracles.map((from, index) => ({
    label: `Chainlink ${asset} round ${roundId}, oracle ${index}`,
    from,
    to: feed.aggregator,
    data: encodeFunctionData({
      abi,
      functionName: 'submit',
      args: [BigInt(roundId), submissions[(index + roundId) % 3]],
    }),
    abi,
  }));
}
