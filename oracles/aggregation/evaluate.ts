import type { MarketPrice } from '../../risk/market/market-data.ts';
import type { Reason, Verdicts } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { FeedConfig } from '../config/feeds.ts';
import { alarmOf, type GuardAlarm } from '../guards/alarm.ts';
import { heldVerdicts, holdsAny } from '../guards/hold.ts';
import type { FeedMemory } from '../guards/memory.ts';
import type { GuardReason } from '../guards/reason.ts';
import type { RobustPrice, SourceVote } from '../price.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { type Consensus, consensusOf } from './consensus.ts';
import { type Draft, draftsOf, isVoting, votersOf } from './draft.ts';
import { narrowed, oversee } from './oversight.ts';
import { type FeedPlan, planOf } from './plan.ts';
import { publishTimeOf } from './publish-time.ts';
import { contradiction, remarksOf } from './remarks.ts';
import { allPurposes, confidenceScore, verdictsOf } from './verdicts.ts';

/** What an evaluation may know beside the feed's own reports. */
export interface FeedContext {
  /** Prices of the feeds that turn quote assets into this feed's, by feed id, evaluated at the same now. */
  readonly quotePrices: ReadonlyMap<string, RobustPrice>;
  /** What is remembered about the feed; looked at only where the feed has a class. */
  readonly memory?: FeedMemory | null;
}

export const EMPTY_CONTEXT: FeedContext = { quotePrices: new Map() };

/**
 * One robust price with its verdicts from the latest report of every source. Pure and total: the same arguments give
 * the same answer, bit for bit, and no report makes it throw.
 * @param reports at most one per source counts, the last given; reports of other feeds are ignored
 * @param nowMs market time at which ages are measured
 */
export function evaluateFeed(
  config: FeedConfig,
  reports: readonly SourceReport[],
  nowMs: UnixMs,
  context: FeedContext = EMPTY_CONTEXT,
): RobustPrice {
  const plan = planOf(config);
  const memory = context.memory ?? null;
  const drafts = draftsOf(plan, reports, context.quotePrices, nowMs);
  const average = config.class === undefined ? null : (memory?.ema1hWad ?? null);
  const consensus = consensusOf(plan, votersOf(drafts), average);
  const alarms: GuardAlarm[] = [];
  const remarks = remarksOn(plan, drafts, 'refusal' in consensus, memory, nowMs, alarms);
  if ('refusal' in consensus) {
    const conflict = consensus.refusal.code === 'disagreement' ? null : contradiction(plan, drafts);
    const reasons = [consensus.refusal, ...(conflict === null ? [] : [conflict]), ...remarks];
    return answer(plan, nowMs, memory, drafts, null, allPurposes(false, reasons), alarms);
  }
  if (consensus.price <= 0n) {
    const reason = { code: 'confidence', message: 'the votes reach below zero', subject: config.id };
    return answer(plan, nowMs, memory, drafts, null, allPurposes(false, [reason, ...remarks]), alarms);
  }
  const blocks = oversee(plan, consensus, drafts, memory, nowMs);
  const raw = verdictsOf(plan, consensus, blocks, remarks, alarms);
  const verdicts = withHolds(plan, consensus, drafts, raw, memory, nowMs);
  const market = marketOf(plan, consensus, verdicts);
  return answer(plan, nowMs, memory, drafts, market, verdicts, alarms, consensus.shares);
}

/** The verdicts after hysteresis; the narrowed limits are only worked out while something is held. */
function withHolds(
  plan: FeedPlan,
  consensus: Consensus,
  drafts: readonly Draft[],
  raw: Verdicts,
  memory: FeedMemory | null,
  nowMs: UnixMs,
): Verdicts {
  const holds = memory?.holds ?? null;
  // Before anything is made for what hardly ever happens.
  if (holds === null || !holdsAny(holds)) return raw;
  const strict = (): Verdicts => {
    const limits = narrowed(plan.limits, plan.hold.leaveShare);
    const blocks = oversee(plan, consensus, drafts, memory, nowMs, limits);
    return verdictsOf(plan, consensus, blocks, [], [], BigInt(Math.round(limits.maxConfidenceBps * 100)));
  };
  return heldVerdicts(raw, strict, holds, plan.hold, plan.config.id, nowMs);
}

/** Every reason against a source, and what memory says about those that do not vote (about all, where none may). */
function remarksOn(
  plan: FeedPlan,
  drafts: readonly Draft[],
  refused: boolean,
  memory: FeedMemory | null,
  nowMs: UnixMs,
  alarms: GuardAlarm[],
): readonly Reason[] {
  const remarks: Reason[] = [];
  for (let index = 0; index < drafts.length; index += 1) {
    const { reasons, candidate } = drafts[index]!;
    if (!refused && reasons.length === 0) continue;
    const subject = plan.sources[index]!.source.id;
    const tell = (reason: GuardReason): void => {
      const alarm = alarmOf(plan.config.id, subject, reason);
      if (alarm !== null) alarms.push(alarm);
      remarks.push({ code: reason.code, message: reason.message, subject });
    };
    for (const reason of reasons) tell(reason);
    const price = candidate?.priceWad ?? 0n;
    if (price <= 0n) continue;
    for (const reason of remarksOf(plan, price, memory, nowMs)) tell(reason);
  }
  return remarks;
}

function marketOf(plan: FeedPlan, consensus: Consensus, verdicts: Verdicts): MarketPrice {
  const { price, voters, shares, weights, groups } = consensus;
  const confidence = consensus.confidence > 0n ? consensus.confidence : 1n;
  return {
    feedId: plan.config.id,
    priceWad: price,
    confidenceWad: confidence,
    confidenceScore: confidenceScore(plan, price, confidence, groups),
    publishTimeMs: publishTimeOf(voters, shares, weights),
    verdicts,
  };
}

function answer(
  plan: FeedPlan,
  asOfMs: UnixMs,
  memory: FeedMemory | null,
  drafts: readonly Draft[],
  market: MarketPrice | null,
  verdicts: Verdicts,
  alarms: readonly GuardAlarm[],
  shares: readonly number[] = [],
): RobustPrice {
  const votes: SourceVote[] = [];
  let voter = 0;
  for (const draft of drafts) {
    const { report, candidate, reasons } = draft;
    const included = market !== null && isVoting(draft);
    votes.push({
      sourceId: plan.sources[votes.length]!.source.id,
      report,
      priceWad: candidate === null ? null : candidate.priceWad,
      ageMs: candidate === null ? null : asOfMs - candidate.publishTimeMs,
      included,
      reasons,
      weight: included ? shares[voter]! : 0,
    });
    if (included) voter += 1;
  }
  const { id, base, quote } = plan.config;
  const { configHash } = plan;
  if (alarms.length === 0 && memory !== null) {
    // The usual case, written out: spreading what is not there takes as long as a guard.
    return { feedId: id, base, quoteAsset: quote, asOfMs, market, verdicts, votes, memory, configHash };
  }
  return {
    feedId: id,
    base,
    quoteAsset: quote,
    asOfMs,
    market,
    verdicts,
    votes,
    ...(memory === null ? {} : { memory }),
    ...(alarms.length === 0 ? {} : { alarms }),
    configHash,
  };
}
