import type { FeedPlan, SourcePlan } from './plan.ts';

/** A source that votes. */
interface Voting {
  readonly candidate: { readonly plan: SourcePlan };
}

/** Votes of some sources of a feed, in their order. */
export interface VotingShares {
  readonly weights: readonly bigint[];
  /** The same as doubles, and as shares of their sum. */
  readonly weightNumbers: readonly number[];
  readonly shares: readonly number[];
  /** Independent groups among them. */
  readonly groups: number;
}

/** Units of a group's vote: large enough that shares within it stay exact to nine digits. */
const UNIT = 1_000_000_000n;

/**
 * Vote of every source in integer units. A group's vote is the greatest weight among its sources that are present,
 * and is split between them in proportion to their weights, without a unit lost: a publisher that is read in three
 * places has no more say than one that is read once.
 */
function computeShares(sources: readonly Voting[]): VotingShares {
  const groups = new Map<number, { greatest: bigint; sum: bigint; left: bigint; remaining: number }>();
  for (const { candidate } of sources) {
    const { plan } = candidate;
    const group = groups.get(plan.group) ?? { greatest: 0n, sum: 0n, left: 0n, remaining: 0 };
    if (plan.weight > group.greatest) group.greatest = plan.weight;
    group.sum += plan.weight;
    group.left = group.greatest * UNIT;
    group.remaining += 1;
    groups.set(plan.group, group);
  }
  const weights = sources.map(({ candidate: { plan } }) => {
    const group = groups.get(plan.group)!;
    group.remaining -= 1;
    const share = group.remaining === 0 ? group.left : (group.greatest * UNIT * plan.weight) / group.sum;
    group.left -= share;
    return share;
  });
  const total = Number(weights.reduce((sum, weight) => sum + weight, 0n));
  const weightNumbers = weights.map(Number);
  const shares = weightNumbers.map((weight) => weight / total);
  return { weights, weightNumbers, shares, groups: groups.size };
}

/** A bit per source; feeds with more sources than a number has bits are not kept. */
const MAX_KEPT_SOURCES = 30;
/** Sets of voters kept per feed; sources fail together, so that few ever occur. */
const MAX_KEPT_SETS = 1024;
const kept = new WeakMap<FeedPlan, Map<number, VotingShares>>();

/** The shares of these sources; worked out once per feed and set of voters. `sources` in the order of the feed. */
export function votingShares(feed: FeedPlan, sources: readonly Voting[]): VotingShares {
  if (feed.sources.length > MAX_KEPT_SOURCES) return computeShares(sources);
  let known = kept.get(feed);
  if (known === undefined) {
    known = new Map();
    kept.set(feed, known);
  }
  let key = 0;
  for (const { candidate } of sources) key |= 1 << candidate.plan.index;
  let shares = known.get(key);
  if (shares === undefined) {
    shares = computeShares(sources);
    if (known.size >= MAX_KEPT_SETS) known.clear();
    known.set(key, shares);
  }
  return shares;
}
