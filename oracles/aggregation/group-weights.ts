import type { SourcePlan } from './plan.ts';

/** A source that votes. */
interface Voting {
  readonly plan: SourcePlan;
}

/** Units of a group's vote: large enough that shares within it stay exact to nine digits. */
const UNIT = 1_000_000_000n;

/**
 * Vote of every source in integer units. A group's vote is the greatest weight among its sources that are present,
 * and is split between them in proportion to their weights, without a unit lost: a publisher that is read in three
 * places has no more say than one that is read once.
 */
export function groupWeights(sources: readonly Voting[]): readonly bigint[] {
  const groups = new Map<number, { greatest: bigint; sum: bigint; left: bigint; remaining: number }>();
  for (const { plan } of sources) {
    const group = groups.get(plan.group) ?? { greatest: 0n, sum: 0n, left: 0n, remaining: 0 };
    if (plan.weight > group.greatest) group.greatest = plan.weight;
    group.sum += plan.weight;
    group.left = group.greatest * UNIT;
    group.remaining += 1;
    groups.set(plan.group, group);
  }
  return sources.map(({ plan }) => {
    const group = groups.get(plan.group)!;
    group.remaining -= 1;
    const share = group.remaining === 0 ? group.left : (group.greatest * UNIT * plan.weight) / group.sum;
    group.left -= share;
    return share;
  });
}
