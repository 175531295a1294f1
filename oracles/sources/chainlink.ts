import aggregatorV3 from '@chainlink/contracts/abi/v0.8/shared/AggregatorV3Interface.abi.json' with {
  type: 'json',
};
import { type Abi, type Address, parseAbi } from 'viem';
import type { ChainlinkSource } from '../config/feeds.ts';
import type { ReadOutcome } from './ports.ts';
import { type Finding, type OnchainSource, refused } from './source.ts';

export const AGGREGATOR_V3_ABI = aggregatorV3 as Abi;
/** Not in AggregatorV3Interface: the proxy's pointer and the bounds under either of their two historic names. */
const PROXY_ABI = parseAbi(['function aggregator() view returns (address)']);
const BOUNDS_ABI = parseAbi([
  'function minAnswer() view returns (int192)',
  'function maxAnswer() view returns (int192)',
  'function minSubmissionValue() view returns (int256)',
  'function maxSubmissionValue() view returns (int256)',
]);
const BOUND_NAMES = ['minAnswer', 'maxAnswer', 'minSubmissionValue', 'maxSubmissionValue'] as const;

type Round = readonly [
  roundId: bigint,
  answer: bigint,
  startedAt: bigint,
  updatedAt: bigint,
  answeredInRound: bigint,
];

function bound(outcomes: readonly ReadOutcome[], ...positions: readonly number[]): bigint | null {
  for (const position of positions) {
    const outcome = outcomes[position];
    if (outcome?.ok) return outcome.value as bigint;
  }
  return null;
}

function boundDetails(min: bigint | null, max: bigint | null): Record<string, string> {
  return {
    ...(min === null ? {} : { minAnswer: min.toString() }),
    ...(max === null ? {} : { maxAnswer: max.toString() }),
  };
}

/**
 * Chainlink aggregator proxies. A round counts when the answer is positive, was updated and was answered in its
 * own round; at the bounds of its aggregator the answer is clamped and says nothing. The upper 16 bits of the
 * 80-bit round id are the phase: they step up with every new aggregator.
 */
export const chainlink: OnchainSource<ChainlinkSource> = {
  calls: ({ proxy }) => [
    { address: proxy, abi: AGGREGATOR_V3_ABI, functionName: 'latestRoundData' },
    { address: proxy, abi: AGGREGATOR_V3_ABI, functionName: 'decimals' },
    { address: proxy, abi: PROXY_ABI, functionName: 'aggregator' },
  ],
  facts(_source, outcomes) {
    const aggregator = outcomes[2];
    if (!aggregator?.ok) return [];
    return BOUND_NAMES.map((functionName) => ({
      address: aggregator.value as Address,
      abi: BOUNDS_ABI,
      functionName,
    }));
  },
  interpret({ source, outcomes, facts }): Finding {
    const [roundOutcome, decimalsOutcome] = outcomes;
    if (!roundOutcome?.ok) return refused('read-failed', roundOutcome?.error ?? 'no outcome');
    if (!decimalsOutcome?.ok) return refused('read-failed', decimalsOutcome?.error ?? 'no outcome');
    if (decimalsOutcome.value !== source.decimals) {
      return refused(
        'unit',
        `the feed has ${decimalsOutcome.value} decimals, configured are ${source.decimals}`,
      );
    }
    const [roundId, answer, , updatedAt, answeredInRound] = roundOutcome.value as Round;
    if (answer <= 0n) return refused('non-positive-price', `answer is ${answer}`);
    if (updatedAt === 0n) return refused('round-incomplete', `round ${roundId} was never updated`);
    if (answeredInRound < roundId) {
      return refused('round-carried-over', `round ${roundId} carries the answer of round ${answeredInRound}`);
    }
    const min = bound(facts, 0, 2);
    const max = bound(facts, 1, 3);
    if ((min !== null && answer <= min) || (max !== null && answer >= max)) {
      return refused('bounds', `answer ${answer} is clamped by the aggregator's bounds ${min} to ${max}`);
    }
    return {
      ok: true,
      quote: {
        price: answer,
        expo: -source.decimals,
        confidence: 0n,
        publishTimeMs: Number(updatedAt) * 1000,
        details: {
          roundId: roundId.toString(),
          phaseId: Number(roundId >> 64n),
          aggregatorRoundId: (roundId & 0xffffffffffffffffn).toString(),
          ...boundDetails(min, max),
        },
      },
    };
  },
};
