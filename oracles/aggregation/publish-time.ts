import type { UnixMs } from '../../risk/units/time.ts';

export interface TimedVote {
  readonly publishTimeMs: UnixMs;
  readonly weight: bigint;
}

/**
 * Publish time of an aggregate: the latest time such that at least half of the vote was published at or after it.
 * One source with a long heartbeat does not make a fresh price old, and one fast source does not make an old price
 * fresh. Needs at least one vote.
 */
export function publishTimeOf(votes: readonly TimedVote[]): UnixMs {
  const newestFirst = [...votes].sort((a, b) => b.publishTimeMs - a.publishTimeMs);
  const total = votes.reduce((sum, { weight }) => sum + weight, 0n);
  let cumulative = 0n;
  for (const { publishTimeMs, weight } of newestFirst) {
    cumulative += weight;
    if (cumulative * 2n >= total) return publishTimeMs;
  }
  return newestFirst[newestFirst.length - 1]!.publishTimeMs;
}
