import type { Wad } from '../../risk/units/wad.ts';
import type { SourceConfig } from '../config/feeds.ts';
import { lieWithin } from '../guards/deviation.ts';
import { isBeyond } from '../guards/history.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { bps, inBps } from '../guards/reason.ts';
import type { Voter } from './draft.ts';
import { votingShares } from './group-weights.ts';
import type { FeedPlan } from './plan.ts';

/** A time average says what was, and so lags in every fast move. */
export const isAverage = (source: SourceConfig): boolean =>
  source.kind === 'uniswap-v3-twap' ||
  source.kind === 'uniswap-v2-twap' ||
  (source.kind === 'observed' && source.method === 'dex-twap');

const distance = (a: Wad, b: Wad): Wad => (a > b ? a - b : b - a);

function middle(prices: readonly Wad[]): Wad {
  const sorted = [...prices].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return sorted[sorted.length >> 1]!;
}

/**
 * Whether `value` lies between the hourly average and the price, has come a share of that way, and farther than averages
 * of a calm market differ.
 */
function isOnItsWay(value: Wad, from: Wad, to: Wad, maxDeviationBps: number): boolean {
  const between = from < to ? value > from && value < to : value < from && value > to;
  if (!between || !isBeyond(value, from, Math.max(GUARD_LIMITS.laggingBps, maxDeviationBps / 2)))
    return false;
  return distance(value, from) * 100n >= distance(to, from) * BigInt(GUARD_LIMITS.laggingPercent);
}

/**
 * Takes time averages that are on their way to a new price out of the vote, with the reason `lagging`: they do not
 * contradict the sources that say what is now. Only where those are at least half of the groups and agree, and only
 * where every average that is far from them has moved from the hourly average toward them, which an average that says
 * the opposite has not.
 * @returns the voters that are left
 */
export function withoutLagging(
  plan: FeedPlan,
  fresh: readonly Voter[],
  averageWad: Wad | null,
): readonly Voter[] {
  if (averageWad === null || averageWad <= 0n) return fresh;
  const live = fresh.filter(({ candidate }) => !isAverage(candidate.plan.source));
  if (live.length === 0 || live.length === fresh.length) return fresh;
  const { maxDeviationBps } = plan.limits;
  if (!lieWithin(live, maxDeviationBps)) return fresh;
  const groups = votingShares(plan, live).groups;
  if (groups < plan.config.minGroups || groups * 2 < votingShares(plan, fresh).groups) return fresh;
  const now = middle(live.map(({ candidate }) => candidate.priceWad));
  const far = fresh.filter(
    ({ candidate }) => isAverage(candidate.plan.source) && isBeyond(candidate.priceWad, now, maxDeviationBps),
  );
  if (!far.every(({ candidate }) => isOnItsWay(candidate.priceWad, averageWad, now, maxDeviationBps)))
    return fresh;
  for (const voter of far) {
    const away = distance(voter.candidate.priceWad, now);
    const message = `the average is still ${bps(away, now)} from where the markets are`;
    voter.reasons = [{ code: 'lagging', message, measure: inBps(away, now, maxDeviationBps) }];
  }
  return fresh.filter((voter) => !far.includes(voter));
}
