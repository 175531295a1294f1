import type { Purpose } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { ClassLimits } from '../config/classes.ts';
import { checkAnchor } from '../guards/anchor.ts';
import { checkJump, checkOtherChains, hasHistory, historyConfirms } from '../guards/history.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { EMPTY_MEMORY, type FeedMemory } from '../guards/memory.ts';
import type { GuardReason } from '../guards/reason.ts';
import { deepDissent, deepGroups, groupsBehind } from './backing.ts';
import type { Consensus } from './consensus.ts';
import type { Draft } from './draft.ts';
import type { FeedPlan } from './plan.ts';
import { historyWithDissent } from './remarks.ts';

/** What speaks against each purpose, from everything beyond the vote itself. */
export type Blocks = Readonly<Record<Purpose, readonly GuardReason[]>>;

/** Limits with which a price is judged: those of the feed, or a share of them while a purpose is held closed. */
export interface JudgingLimits extends ClassLimits {
  readonly maxAnchorBreachBps: number;
}

/** Limits narrowed to a share of themselves; counts of groups stay. */
export function narrowed(limits: ClassLimits, share: number): JudgingLimits {
  return {
    ...limits,
    maxDeviationBps: limits.maxDeviationBps * share,
    maxConfidenceBps: limits.maxConfidenceBps * share,
    jumpBps: limits.jumpBps * share,
    anchorToleranceBps: limits.anchorToleranceBps * share,
    maxAnchorBreachBps: GUARD_LIMITS.maxAnchorBreachBps * share,
  };
}

const NO_BLOCKS: Blocks = { open: [], margin: [], liquidate: [] };

const ownLimits = new WeakMap<FeedPlan, JudgingLimits>();

/** The feed's limits as they are configured, made once per feed. */
function limitsOf(plan: FeedPlan): JudgingLimits {
  let limits = ownLimits.get(plan);
  if (limits === undefined) {
    limits = narrowed(plan.limits, 1);
    ownLimits.set(plan, limits);
  }
  return limits;
}

type OpenBlocks = Record<Purpose, GuardReason[]>;

/** Blocks are made when the first guard closes something. */
interface Closing {
  blocks: OpenBlocks | null;
}

/** A function of the module and not of each call: this is the hot path. */
function closeIn(closing: Closing, reason: GuardReason, purposes: readonly Purpose[]): void {
  closing.blocks ??= { open: [], margin: [], liquidate: [] };
  for (const purpose of purposes) closing.blocks[purpose].push(reason);
}

function sequencerReason(memory: FeedMemory): GuardReason | null {
  const { sequencer } = memory;
  if (sequencer === null) return null;
  const since = `since ${sequencer.sinceSeconds} s`;
  if (!sequencer.up) return { code: 'sequencer', message: `the sequencer is down ${since}` };
  if (sequencer.sinceSeconds >= GUARD_LIMITS.sequencerGraceSeconds) return null;
  const message = `the sequencer is up ${since}, the grace period is ${GUARD_LIMITS.sequencerGraceSeconds} s`;
  const measure = {
    value: sequencer.sinceSeconds,
    limit: GUARD_LIMITS.sequencerGraceSeconds,
    unit: 's',
  } as const;
  return { code: 'sequencer-grace', message, measure };
}

/**
 * What a formed price may not be used for, judged by the feed's memory and by how many stand behind it.
 * - A jump that deep markets do not prove closes everything; one that they prove closes new risk only, for in an
 *   honest crash liquidation must work.
 * - A growth limit or an exchange rate that several agreeing sources contradict is itself suspect: alarm, no new risk,
 *   no liquidation, and margin only while the breach is small and history confirms the price. Deep markets below the
 *   exchange rate are a depeg: no new risk, nothing else.
 * - Where depth is the only proof (small tokens) and nothing is remembered, depth must be known. Where history confirms
 *   those that were outvoted, the majority must prove itself by depth. Deep markets are not outvoted at all.
 * - Fewer groups than `fullGroups`: margin only, and only where history confirms the price.
 */
export function oversee(
  plan: FeedPlan,
  consensus: Consensus,
  drafts: readonly Draft[],
  remembered: FeedMemory | null,
  nowMs: UnixMs,
  limits: JudgingLimits = limitsOf(plan),
): Blocks {
  if (plan.config.class === undefined && plan.limits.fullGroups === 0) return NO_BLOCKS;
  const closing: Closing = { blocks: null };
  const { config } = plan;
  const { price } = consensus;
  const groups = groupsBehind(consensus, drafts, limits.maxDeviationBps);
  const full = groups >= limits.fullGroups;
  const memory = remembered ?? EMPTY_MEMORY;
  const confirmed = historyConfirms(price, memory, limits.maxDeviationBps, nowMs);
  if (!full) {
    const message = `${groups} independent groups agree, ${limits.fullGroups} are needed`;
    const measure = { value: groups, limit: limits.fullGroups, unit: 'groups' } as const;
    const reason = { code: 'quorum-not-met', message, measure };
    closeIn(closing, reason, confirmed ? ['open', 'liquidate'] : ['open', 'margin', 'liquidate']);
  }
  if (config.class === undefined) return closing.blocks ?? NO_BLOCKS;

  const sequencer = sequencerReason(memory);
  if (sequencer !== null)
    closeIn(closing, sequencer, full ? ['open', 'liquidate'] : ['open', 'margin', 'liquidate']);

  const proven = full && (limits.deepGroups === 0 || deepGroups(plan, consensus.voters) >= limits.deepGroups);
  const jump = checkJump(price, memory, limits.jumpBps, nowMs);
  if (jump !== null) closeIn(closing, jump, proven ? ['open'] : ['open', 'margin', 'liquidate']);

  // Where one deep market is not enough, the market may be thin as a whole.
  const thin = limits.deepGroups > 1 && !proven;
  if (thin && !hasHistory(memory, nowMs)) {
    const message = `nothing is remembered, and fewer than ${limits.deepGroups} groups have a known depth of ${GUARD_LIMITS.deepDepthUsd} USD`;
    closeIn(closing, { code: 'liquidity', message }, ['open', 'margin', 'liquidate']);
  }
  if (!proven && !confirmed && historyWithDissent(plan, drafts, memory, nowMs)) {
    const message = 'history confirms those that were outvoted, and no deep market proves the others';
    closeIn(closing, { code: 'disagreement', message }, ['open', 'margin', 'liquidate']);
  }

  if (consensus.voters.length < drafts.length && deepDissent(plan, consensus, drafts)) {
    const message = 'deep markets were outvoted by sources without a known depth';
    closeIn(closing, { code: 'disagreement', message }, ['open', 'margin', 'liquidate']);
  }

  for (const skew of checkOtherChains(price, memory, limits.maxDeviationBps, nowMs)) {
    if (!full) closeIn(closing, skew, ['open', 'margin', 'liquidate']);
    else closeIn(closing, skew, proven ? ['open'] : ['open', 'liquidate']);
  }

  if (config.rateAnchor !== undefined && memory.rateAnchor === null) {
    const message = 'the exchange rate that the price is held against is not known now';
    closeIn(closing, { code: 'anchor', message }, ['open']);
  }
  const anchor = checkAnchor(price, memory, limits.anchorToleranceBps, nowMs);
  if (anchor !== null) {
    const large = checkAnchor(price, memory, limits.maxAnchorBreachBps, nowMs) !== null;
    const margin = full && confirmed && !large;
    // Deep markets below the rate are a depeg, in which liquidation must work; above it something inflated the price.
    const depeg = anchor.code === 'anchor' && proven;
    const others: readonly Purpose[] = margin ? ['open', 'liquidate'] : ['open', 'margin', 'liquidate'];
    closeIn(closing, anchor, depeg ? ['open'] : others);
  }
  return closing.blocks ?? NO_BLOCKS;
}
