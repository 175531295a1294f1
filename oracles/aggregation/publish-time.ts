import type { UnixMs } from '../../risk/units/time.ts';

interface TimedVoter {
  readonly candidate: { readonly publishTimeMs: UnixMs };
}

/** Shares closer to a half than this are compared as weights. */
const NEAR = 1e-12;

/** Voters, newest first; scratch of one call at a time. */
const order: number[] = [];

/**
 * Publish time of an aggregate: the latest time such that at least half of the vote was published at or after it.
 * One source with a long heartbeat does not make a fresh price old, and one fast source does not make an old price
 * fresh. Needs at least one vote.
 * @param shares share of each voter in all weights as a double: decides where it can, the weights where it cannot
 */
export function publishTimeOf(
  voters: readonly TimedVoter[],
  shares: readonly number[],
  weights: readonly bigint[],
): UnixMs {
  sortNewestFirst(voters);
  let cumulative = 0;
  for (let place = 0; place < voters.length; place += 1) {
    cumulative += shares[order[place]!]!;
    if (cumulative < 0.5 - NEAR) continue;
    if (cumulative > 0.5 + NEAR || reachesHalf(weights, place))
      return voters[order[place]!]!.candidate.publishTimeMs;
  }
  return voters[order[voters.length - 1]!]!.candidate.publishTimeMs;
}

/** A stable insertion: there are few, and they often are in order. */
function sortNewestFirst(voters: readonly TimedVoter[]): void {
  for (let next = 0; next < voters.length; next += 1) {
    const { publishTimeMs } = voters[next]!.candidate;
    let place = next;
    for (; place > 0; place -= 1) {
      const before = order[place - 1]!;
      if (voters[before]!.candidate.publishTimeMs >= publishTimeMs) break;
      order[place] = before;
    }
    order[place] = next;
  }
}

function reachesHalf(weights: readonly bigint[], last: number): boolean {
  let cumulative = 0n;
  let total = 0n;
  for (let place = 0; place < weights.length; place += 1) {
    const weight = weights[order[place]!]!;
    total += weight;
    if (place <= last) cumulative += weight;
  }
  return cumulative * 2n >= total;
}
