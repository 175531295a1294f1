import { isBeyond } from '../guards/history.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import type { Consensus } from './consensus.ts';
import type { Draft } from './draft.ts';

/** Independent groups of these sources whose depth is known and great. */
export function deepGroups(drafts: readonly Draft[]): number {
  const deep = drafts.filter(({ candidate }) => {
    const depth = candidate?.depthUsd ?? null;
    return depth !== null && depth >= GUARD_LIMITS.deepDepthUsd;
  });
  return new Set(deep.map(({ candidate }) => candidate?.plan.group)).size;
}

/** Left out for nothing but its distance from the others. */
export const outvoted = ({ reasons }: Draft): boolean =>
  reasons.length === 1 && reasons[0]!.code === 'deviation';

/**
 * Whether deep markets were outvoted by sources that are not: several feeds that lag in a crash agree with each other,
 * and the exchanges that show it are the minority.
 */
export function deepDissent({ voters }: Consensus, drafts: readonly Draft[]): boolean {
  const dissent = deepGroups(drafts.filter(outvoted));
  return dissent >= GUARD_LIMITS.deepDissentGroups && dissent > deepGroups(voters);
}

const SPOT_ONLY = ['spot-source'];

/**
 * Groups that stand behind the price: those that voted, and pools whose spot price has no other fault and agrees.
 * A spot price cannot move the result, but where it agrees nobody is moving it.
 */
export function groupsBehind(
  { price, voters, groups }: Consensus,
  drafts: readonly Draft[],
  maxDeviationBps: number,
): number {
  const voted = new Set(voters.map(({ candidate }) => candidate.plan.group));
  const agreeing = drafts.filter(
    ({ candidate, reasons }) =>
      candidate?.priceWad != null &&
      reasons.length === 1 &&
      SPOT_ONLY.includes(reasons[0]!.code) &&
      !voted.has(candidate.plan.group) &&
      !isBeyond(candidate.priceWad, price, maxDeviationBps),
  );
  return groups + new Set(agreeing.map(({ candidate }) => candidate!.plan.group)).size;
}
