import type { Reason } from '../../risk/market/verdict.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { checkDeviation, lieWithin } from '../guards/deviation.ts';
import { isVoting, type Voter } from './draft.ts';
import { fastThreeVotes } from './fast-vote.ts';
import { type VotingShares, votingShares } from './group-weights.ts';
import { halfWidthOf } from './half-width.ts';
import { withoutLagging } from './lagging.ts';
import type { FeedPlan } from './plan.ts';
import type { VoteResult } from './three-vote.ts';
import { medianInterval } from './weighted-quantile.ts';

export interface Consensus extends VoteResult {
  readonly voters: readonly Voter[];
  /** Share of the vote of each voter; they add up to 1. */
  readonly shares: readonly number[];
  readonly weights: readonly bigint[];
  readonly groups: number;
}

const refusal = (plan: FeedPlan, code: string, message: string): { refusal: Reason } => ({
  refusal: { code, message, subject: plan.config.id },
});

/**
 * The vote of those that agree could still lie outside the honest range when the honest disagree among themselves and
 * a minority sides with one end. The medians of all lower and all upper votes cannot: a minority does not move them
 * out. So the result is held between those two, and its confidence reaches back to where it was.
 */
function heldInBracket(result: VoteResult, fresh: readonly Voter[], weights: readonly bigint[]): VoteResult {
  const votes = (sign: bigint) =>
    fresh.map(({ candidate }, index) => ({
      value: candidate.priceWad + sign * halfWidthOf(candidate),
      weight: weights[index]!,
    }));
  const { low } = medianInterval(votes(-1n));
  const { high } = medianInterval(votes(1n));
  const price = result.price < low ? low : result.price > high ? high : result.price;
  const moved = price > result.price ? price - result.price : result.price - price;
  return { price, confidence: result.confidence > moved ? result.confidence : moved };
}

const vote = (voters: readonly Voter[], { weights, weightNumbers }: VotingShares): VoteResult =>
  fastThreeVotes({ voters, weights, weightNumbers });

/**
 * Price and confidence of the sources that agree, or why too little agrees for any price. Sources that deviate get
 * their reason here. Two groups left that disagree give no price: their mean would be nobody's.
 * @param averageWad the hourly average, where the feed remembers one
 */
export function consensusOf(
  plan: FeedPlan,
  usable: readonly Voter[],
  averageWad: Wad | null = null,
): Consensus | { readonly refusal: Reason } {
  const { minGroups } = plan.config;
  const { maxDeviationBps } = plan.limits;
  const inCalm = votingShares(plan, usable);
  if (inCalm.groups >= minGroups && lieWithin(usable, maxDeviationBps)) {
    // In a calm market nobody deviates, and everybody who is fresh votes.
    const { price, confidence } = vote(usable, inCalm);
    const { shares, weights, groups } = inCalm;
    return { price, confidence, voters: usable, shares, weights, groups };
  }
  const fresh = withoutLagging(plan, usable, averageWad);
  const all = votingShares(plan, fresh);
  const { groups: freshGroups, weights } = all;
  if (freshGroups < minGroups) {
    const message = `${freshGroups} of ${plan.groups} independent groups are usable, ${minGroups} are needed`;
    return refusal(plan, 'quorum-not-met', message);
  }
  const values = fresh.map(({ candidate }, index) => ({
    group: candidate.plan.group,
    value: candidate.priceWad,
    weight: weights[index]!,
  }));
  checkDeviation(values, maxDeviationBps).forEach((reason, index) => {
    if (reason !== null) fresh[index]!.reasons = [reason];
  });
  const voters = fresh.filter(isVoting);
  const own = votingShares(plan, voters);
  const { groups, shares } = own;
  // Half of the groups or fewer agree: nobody can say which half is right.
  if (groups * 2 <= freshGroups) {
    const message = `of ${freshGroups} independent groups ${groups} agree within ${maxDeviationBps} bp`;
    return refusal(plan, 'disagreement', message);
  }
  if (groups < minGroups) {
    const message = `${groups} of ${plan.groups} independent groups agree, ${minGroups} are needed`;
    return refusal(plan, 'quorum-not-met', message);
  }
  const result = vote(voters, own);
  const held = voters.length === usable.length ? result : heldInBracket(result, usable, inCalm.weights);
  return { ...held, voters, shares, weights: own.weights, groups };
}
