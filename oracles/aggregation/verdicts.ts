import type { Purpose, Reason, Verdict, Verdicts } from '../../risk/market/verdict.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { alarmOf, type GuardAlarm } from '../guards/alarm.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { bps, exceeds, type GuardReason, inBps } from '../guards/reason.ts';
import type { Consensus } from './consensus.ts';
import type { Blocks } from './oversight.ts';
import type { FeedPlan } from './plan.ts';

const USABLE: Verdict = { usable: true, reasons: [] };
const ALL_USABLE: Verdicts = { open: USABLE, margin: USABLE, liquidate: USABLE };

/** The same answer for every purpose. */
export function allPurposes(usable: boolean, reasons: readonly Reason[]): Verdicts {
  const verdict: Verdict = { usable, reasons };
  return { open: verdict, margin: verdict, liquidate: verdict };
}

const MULTIPLES: Readonly<Record<Purpose, number>> = {
  open: 1,
  margin: GUARD_LIMITS.marginConfidenceMultiple,
  liquidate: GUARD_LIMITS.liquidateConfidenceMultiple,
};

/**
 * What a formed price may be used for. The wider its confidence, the less: first no new risk, then no liquidation,
 * last no margin. New risk needs two groups where the feed has two. Alarms of what blocks are added to `alarms`.
 */
export function verdictsOf(
  feed: FeedPlan,
  { price: priceWad, confidence: confidenceWad, groups }: Pick<Consensus, 'price' | 'confidence' | 'groups'>,
  blocks: Blocks,
  remarks: readonly Reason[],
  alarms: GuardAlarm[] = [],
  confidenceLimitPpm: bigint = feed.confidenceLimitPpm,
): Verdicts {
  const needed = Math.min(GUARD_LIMITS.openGroups, feed.groups);
  const lonely = groups < needed && feed.limits.fullGroups === 0;
  const blocked = blocks.open.length + blocks.margin.length + blocks.liquidate.length > 0;
  // `open` has the strictest limit: what it allows all allow.
  if (!lonely && !blocked && !exceeds(confidenceWad, priceWad, confidenceLimitPpm)) {
    return remarks.length === 0 ? ALL_USABLE : allPurposes(true, remarks);
  }
  const subject = feed.config.id;
  let told: Set<string> | null = null;
  /** The reason for people; what it measured goes into the alarm, once for all purposes that it closes. */
  const tell = (reason: GuardReason): Reason => {
    const alarm = alarmOf(subject, subject, reason);
    if (alarm !== null && !told?.has(reason.code)) {
      told ??= new Set();
      told.add(reason.code);
      alarms.push(alarm);
    }
    return { code: reason.code, message: reason.message, subject };
  };
  const decide = (purpose: Purpose): Verdict => {
    const blocking: Reason[] = [];
    const limit = confidenceLimitPpm * BigInt(MULTIPLES[purpose]);
    if (confidenceWad * 1_000_000n > priceWad * limit) {
      const message = `confidence is ${bps(confidenceWad, priceWad)} of the price, the limit for ${purpose} is ${Number(limit) / 100} bp`;
      const measure = inBps(confidenceWad, priceWad, Number(limit) / 100);
      blocking.push(tell({ code: 'confidence', message, measure }));
    }
    for (const reason of blocks[purpose]) blocking.push(tell(reason));
    if (purpose === 'open' && lonely) {
      const message = `${groups} independent group left, new risk needs ${needed}`;
      blocking.push({ code: 'quorum-not-met', message, subject });
    }
    if (blocking.length === 0) return { usable: true, reasons: remarks };
    return { usable: false, reasons: [...blocking, ...remarks] };
  };
  return { open: decide('open'), margin: decide('margin'), liquidate: decide('liquidate') };
}

/** Millionths in whole numbers, rounded down; doubles say so unless they are close to the next one. Both positive. */
function wholePpm(part: Wad, whole: Wad): number {
  const ratio = (Number(part) / Number(whole)) * 1e6;
  const down = Math.floor(ratio);
  const apart = Math.min(ratio - down, down + 1 - ratio);
  // A double is off by some 1e-16 of itself; beyond 1e6 the price says nothing any more.
  if (ratio < 1e6 && apart > 1e-6) return down;
  return Number((part * 1_000_000n) / whole);
}

/**
 * How far the price can be relied on: the share of the feed's independent groups that stand behind it, times
 * 1 - confidence / (2 x limit), where the limit is the feed's `maxConfidenceBps`. 1 is all groups and no doubt.
 */
export function confidenceScore(feed: FeedPlan, priceWad: Wad, confidenceWad: Wad, groups: number): number {
  const ratioPpm = wholePpm(confidenceWad, priceWad);
  const width = Math.max(0, 1 - ratioPpm / (2 * Number(feed.confidenceLimitPpm)));
  return Math.min(1, groups / feed.groups) * width;
}
