import { encodeFunctionData } from 'viem';
import type { DevnetAccounts } from '../accounts.ts';
import { builtArtifact } from '../artifacts.ts';
import type { Transaction } from '../block-builder.ts';
import type { DevnetChainlinkFeed } from '../types.ts';

export const FLUX_ABI = builtArtifact('FluxAggregator').abi;
/** Distance of the outer two submissions from the median, in parts of the answer: 1 basis point. */
const SPREAD = 10_000n;

/** One complete round: three oracles submit, the middle one `answer`; who is in the middle changes by round. */
export function chainlinkRound(
  asset: string,
  feed: Pick<DevnetChainlinkFeed, 'aggregator'>,
  roundId: number,
  answer: bigint,
  accounts: DevnetAccounts,
): Transaction[] {
  const distance = answer / SPREAD + 1n;
  const submissions = [answer - distance, answer, answer + distance];
  return accounts.oracles.map((from, index) => ({
    label: `Chainlink ${asset} round ${roundId}, oracle ${index}`,
    from,
    to: feed.aggregator,
    data: encodeFunctionData({
      abi: FLUX_ABI,
      functionName: 'submit',
      args: [BigInt(roundId), submissions[(index + roundId) % 3]],
    }),
    abi: FLUX_ABI,
  }));
}
