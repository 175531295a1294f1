import { isBeyond } from '../guards/history.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { depthInUsd } from './candidate.ts';
import type { Consensus } from './consensus.ts';
import type { Draft } from './draft.ts';
import { isAverage } from './lagging.ts';
import type { FeedPlan } from './plan.ts';

/** Independent groups of these sources whose depth is known and great. */
export function deepGroups(plan: FeedPlan, drafts: readonly Draft[]): number {
  const deep = drafts.filter(({ candidate }) => {
    const depth = candidate === null ? null : depthInUsd(plan, candidate);
    return depth !== null && depth >= GUARD_LIMITS.deepDepthUsd;
  });
  return new Set(deep.map(({ candidate }) => candidate?.plan.group)).size;
}

/** Left out for nothing but its distance from the others. */
export const outvoted = ({ reasons }: Draft): boolean =>
  reasons.length === 1 && reasons[0]!.code === 'deviation';

/** Averages are deep and late: in a crash they neither outweigh what markets say now, nor contradict it. */
const saysWhatIs = ({ candidate }: Draft): boolean => candidate !== null && !isAverage(candidate.plan.source);

/**
 * Whether deep markets were outvoted by sources that are not: several feeds that lag in a crash agree with each other,
 * and the exchanges that show it are the minority.
 */
export function deepDissent(plan: FeedPlan, { voters }: Consensus, drafts: readonly Draft[]): boolean {
  if (!drafts.some(outvoted)) return false;
  const dissenting = drafts.filter((draft) => outvoted(draft) && saysWhatIs(draft));
  const dissent = deepGroups(plan, dissenting);
  return dissent >= GUARD_LIMITS.deepDissentGroups && dissent > deepGroups(plan, voters.filter(saysWhatIs));
}

const AGREES: ReadonlySet<string> = new Set(['spot-source', 'lagging']);

/**
 * Groups that stand behind the price: those that voted, pools whose spot price has no other fault and agrees, and
 * averages that are on their way to it. A spot price cannot move the result, but where it agrees nobody is moving it.
 */
export function groupsBehind(
  { price, voters, groups }: Consensus,
  drafts: readonly Draft[],
  maxDeviationBps: number,
): number {
  if (voters.length === drafts.length) return groups;
  const voted = new Set(voters.map(({ candidate }) => candidate.plan.group));
  const agreeing = drafts.filter(
    ({ candidate, reasons }) =>
      candidate?.priceWad != null &&
      reasons.length === 1 &&
      AGREES.has(reasons[0]!.code) &&
      !voted.has(candidate.plan.group) &&
      (reasons[0]!.code === 'lagging' || !isBeyond(candidate.priceWad, price, maxDeviationBps)),
  );
  return groups + new Set(agreeing.map(({ candidate }) => candidate!.plan.group)).size;
}
