import type { UnixMs } from '../../risk/units/time.ts';

export interface TimedVote {
  readonly publishTimeMs: UnixMs;
  readonly weight: bigint;
  /** Share of all weights as a double: decides where it can, the weights where it cannot. */
  readonly share: number;
}

/** Shares closer to a half than this are compared as weights. */
const NEAR = 1e-12;

/**
 * Publish time of an aggregate: the latest time such that at least half of the vote was published at or after it.
 * One source with a long heartbeat does not make a fresh price old, and one fast source does not make an old price
 * fresh. Needs at least one vote.
 */
export function publishTimeOf(votes: readonly TimedVote[]): UnixMs {
  const newestFirst = sortedNewestFirst(votes);
  let cumulative = 0;
  for (let index = 0; index < newestFirst.length; index += 1) {
    const { publishTimeMs, share } = newestFirst[index]!;
    cumulative += share;
    if (cumulative < 0.5 - NEAR) continue;
    if (cumulative > 0.5 + NEAR || reachesHalf(newestFirst, index)) return publishTimeMs;
  }
  return newestFirst[newestFirst.length - 1]!.publishTimeMs;
}

/** A stable insertion: there are few, and they often are in order. */
function sortedNewestFirst(votes: readonly TimedVote[]): TimedVote[] {
  const sorted: TimedVote[] = [];
  for (const vote of votes) {
    let place = sorted.length;
    for (; place > 0 && sorted[place - 1]!.publishTimeMs < vote.publishTimeMs; place -= 1) {
      sorted[place] = sorted[place - 1]!;
    }
    sorted[place] = vote;
  }
  return sorted;
}

function reachesHalf(newestFirst: readonly TimedVote[], last: number): boolean {
  let cumulative = 0n;
  let total = 0n;
  newestFirst.forEach(({ weight }, index) => {
    total += weight;
    if (index <= last) cumulative += weight;
  });
  return cumulative * 2n >= total;
}
