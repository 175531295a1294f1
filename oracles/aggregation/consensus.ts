import type { Reason } from '../../risk/market/verdict.ts';
import { checkDeviation } from '../guards/deviation.ts';
import { isVoting, type Voter } from './draft.ts';
import { votingShares } from './group-weights.ts';
import type { FeedPlan } from './plan.ts';
import { threeVoteMedian, type VoteResult } from './three-vote.ts';
import { medianInterval } from './weighted-quantile.ts';

export interface Consensus extends VoteResult {
  readonly voters: readonly Voter[];
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
      value: candidate.priceWad + sign * candidate.halfWidthWad,
      weight: weights[index]!,
    }));
  const { low } = medianInterval(votes(-1n));
  const { high } = medianInterval(votes(1n));
  const price = result.price < low ? low : result.price > high ? high : result.price;
  const moved = price > result.price ? price - result.price : result.price - price;
  return { price, confidence: result.confidence > moved ? result.confidence : moved };
}

function vote(voters: readonly Voter[], weights: readonly bigint[]): VoteResult {
  voters.forEach((voter, index) => {
    voter.weight = weights[index]!;
  });
  return threeVoteMedian(
    voters.map(({ candidate, weight }) => ({
      price: candidate.priceWad,
      halfWidth: candidate.halfWidthWad,
      weight,
    })),
  );
}

/**
 * Price and confidence of the sources that agree, or why too little agrees for any price. Sources that deviate get
 * their reason here. Two groups left that disagree give no price: their mean would be nobody's.
 */
export function consensusOf(
  plan: FeedPlan,
  fresh: readonly Voter[],
): Consensus | { readonly refusal: Reason } {
  const { minGroups } = plan.config;
  const { maxDeviationBps } = plan.limits;
  const { groups: freshGroups, weights } = votingShares(plan, fresh);
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
  const { groups, weights: own } = votingShares(plan, voters);
  // Half of the groups or fewer agree: nobody can say which half is right.
  if (groups * 2 <= freshGroups) {
    const message = `of ${freshGroups} independent groups ${groups} agree within ${maxDeviationBps} bp`;
    return refusal(plan, 'disagreement', message);
  }
  if (groups < minGroups) {
    const message = `${groups} of ${plan.groups} independent groups agree, ${minGroups} are needed`;
    return refusal(plan, 'quorum-not-met', message);
  }
  if (voters.length === fresh.length) return { ...vote(voters, weights), voters, groups };
  return { ...heldInBracket(vote(voters, own), fresh, weights), voters, groups };
}
