import type { Purpose, Reason } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { checkAnchor } from '../guards/anchor.ts';
import { checkJump, checkOtherChains, hasHistory, historyConfirms, isBeyond } from '../guards/history.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { EMPTY_MEMORY, type FeedMemory } from '../guards/memory.ts';
import { depthOf } from '../guards/observation.ts';
import type { Consensus } from './consensus.ts';
import type { Draft } from './draft.ts';
import type { FeedPlan } from './plan.ts';

/** What speaks against each purpose, from everything beyond the vote itself. */
export type Blocks = Readonly<Record<Purpose, readonly Reason[]>>;

const NO_BLOCKS: Blocks = { open: [], margin: [], liquidate: [] };

/** Independent groups of these voters whose depth is known and great. */
function deepGroups(drafts: readonly Draft[]): number {
  const deep = drafts.filter(({ report }) => {
    const depth = report.ok ? depthOf(report.quote) : null;
    return depth !== null && depth >= GUARD_LIMITS.deepDepthUsd;
  });
  return new Set(deep.map(({ candidate }) => candidate?.plan.group)).size;
}

const outvoted = ({ reasons }: Draft): boolean => reasons.length === 1 && reasons[0]!.code === 'deviation';

/**
 * Whether deep markets were outvoted by sources that are not: several feeds that lag in a crash agree with each other,
 * and the exchanges that show it are the minority.
 */
function deepDissent({ voters }: Consensus, drafts: readonly Draft[]): boolean {
  const dissent = deepGroups(drafts.filter(outvoted));
  return dissent >= GUARD_LIMITS.deepDissentGroups && dissent > deepGroups(voters);
}

const SPOT_ONLY = ['spot-source'];

/**
 * Groups that stand behind the price: those that voted, and pools whose spot price has no other fault and agrees.
 * A spot price cannot move the result, but where it agrees nobody is moving it.
 */
function groupsBehind(
  plan: FeedPlan,
  { price, voters, groups }: Consensus,
  drafts: readonly Draft[],
): number {
  const voted = new Set(voters.map(({ candidate }) => candidate.plan.group));
  const agreeing = drafts.filter(
    ({ candidate, reasons }) =>
      candidate?.priceWad != null &&
      reasons.length === 1 &&
      SPOT_ONLY.includes(reasons[0]!.code) &&
      !voted.has(candidate.plan.group) &&
      !isBeyond(candidate.priceWad, price, plan.limits.maxDeviationBps),
  );
  return groups + new Set(agreeing.map(({ candidate }) => candidate!.plan.group)).size;
}

function sequencerReason(memory: FeedMemory, subject: string): Reason | null {
  const { sequencer } = memory;
  if (sequencer === null) return null;
  const since = `since ${sequencer.sinceSeconds} s`;
  if (!sequencer.up) return { code: 'sequencer', message: `the sequencer is down ${since}`, subject };
  if (sequencer.sinceSeconds >= GUARD_LIMITS.sequencerGraceSeconds) return null;
  const message = `the sequencer is up ${since}, the grace period is ${GUARD_LIMITS.sequencerGraceSeconds} s`;
  return { code: 'sequencer-grace', message, subject };
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
): Blocks {
  if (plan.config.class === undefined && plan.limits.fullGroups === 0) return NO_BLOCKS;
  const blocks: Record<Purpose, Reason[]> = { open: [], margin: [], liquidate: [] };
  const close = (reason: Reason, purposes: readonly Purpose[]): void => {
    for (const purpose of purposes) blocks[purpose].push(reason);
  };
  const { limits, config } = plan;
  const { price } = consensus;
  const subject = config.id;
  const groups = groupsBehind(plan, consensus, drafts);
  const full = groups >= limits.fullGroups;
  const memory = remembered ?? EMPTY_MEMORY;
  const confirmed = historyConfirms(price, memory, limits.maxDeviationBps, nowMs);
  if (!full) {
    const message = `${groups} independent groups agree, ${limits.fullGroups} are needed`;
    const reason = { code: 'quorum-not-met', message, subject };
    close(reason, confirmed ? ['open', 'liquidate'] : ['open', 'margin', 'liquidate']);
  }
  if (config.class === undefined) return blocks;

  const sequencer = sequencerReason(memory, subject);
  if (sequencer !== null) close(sequencer, full ? ['open', 'liquidate'] : ['open', 'margin', 'liquidate']);

  const proven = full && deepGroups(consensus.voters) >= limits.deepGroups;
  const jump = checkJump(price, memory, limits.jumpBps, nowMs);
  if (jump !== null) close({ ...jump, subject }, proven ? ['open'] : ['open', 'margin', 'liquidate']);

  const thin = limits.deepGroups >= limits.fullGroups && !proven;
  if (thin && !hasHistory(memory, nowMs)) {
    const message = `nothing is remembered, and fewer than ${limits.deepGroups} groups have a known depth of ${GUARD_LIMITS.deepDepthUsd} USD`;
    close({ code: 'liquidity', message, subject }, ['open', 'margin', 'liquidate']);
  }
  if (!proven && !confirmed && historyWithDissent(plan, drafts, memory, nowMs)) {
    const message = 'history confirms those that were outvoted, and no deep market proves the others';
    close({ code: 'disagreement', message, subject }, ['open', 'margin', 'liquidate']);
  }

  if (deepDissent(consensus, drafts)) {
    const message = 'deep markets were outvoted by sources without a known depth';
    close({ code: 'disagreement', message, subject }, ['open', 'margin', 'liquidate']);
  }

  for (const skew of checkOtherChains(price, memory, limits.maxDeviationBps, nowMs)) {
    if (!full) close({ ...skew, subject }, ['open', 'margin', 'liquidate']);
    else close({ ...skew, subject }, proven ? ['open'] : ['open', 'liquidate']);
  }

  const anchor = checkAnchor(price, memory, limits.anchorToleranceBps, nowMs);
  if (anchor !== null) {
    const large = checkAnchor(price, memory, GUARD_LIMITS.maxAnchorBreachBps, nowMs) !== null;
    const margin = full && confirmed && !large;
    // Deep markets below the rate are a depeg, in which liquidation must work; above it something inflated the price.
    const depeg = anchor.code === 'anchor' && proven;
    const others: readonly Purpose[] = margin ? ['open', 'liquidate'] : ['open', 'margin', 'liquidate'];
    close({ ...anchor, subject }, depeg ? ['open'] : others);
  }
  return blocks;
}

/** Whether a source that was left out for nothing but its deviation says what is remembered. */
function historyWithDissent(
  { limits }: FeedPlan,
  drafts: readonly Draft[],
  memory: FeedMemory,
  nowMs: UnixMs,
): boolean {
  return drafts.some(
    (draft) =>
      outvoted(draft) &&
      draft.candidate?.priceWad != null &&
      historyConfirms(draft.candidate.priceWad, memory, limits.maxDeviationBps, nowMs),
  );
}

/** What memory says about a source that does not vote: further evidence for why it is left out. */
export function remarksOf(
  plan: FeedPlan,
  priceWad: Wad,
  memory: FeedMemory | null,
  nowMs: UnixMs,
): readonly { readonly code: string; readonly message: string }[] {
  if (memory === null || plan.config.class === undefined) return [];
  const { limits } = plan;
  const found = [
    checkJump(priceWad, memory, limits.jumpBps, nowMs),
    checkAnchor(priceWad, memory, limits.anchorToleranceBps, nowMs),
    ...checkOtherChains(priceWad, memory, limits.maxDeviationBps, nowMs),
  ];
  return found.filter((reason) => reason !== null);
}

/** Faults of a source that say nothing about whether its number is of now and in the right unit. */
const STILL_SPEAKS = new Set(['liquidity', 'spot-source', 'window', 'deviation']);

/**
 * Where no price could be formed: whether fresh sources contradict each other, those included that are too thin to
 * vote. A lone voter against a thin market is a disagreement, not only a missing quorum.
 */
export function contradiction(plan: FeedPlan, drafts: readonly Draft[]): Reason | null {
  const speaking = drafts.filter(({ candidate, reasons }) =>
    candidate?.priceWad == null || candidate.priceWad <= 0n
      ? false
      : reasons.every(({ code }) => STILL_SPEAKS.has(code)),
  );
  for (const a of speaking) {
    for (const b of speaking) {
      if (a.candidate!.plan.group === b.candidate!.plan.group) continue;
      if (!isBeyond(a.candidate!.priceWad!, b.candidate!.priceWad!, plan.limits.maxDeviationBps)) continue;
      const sources = `${a.candidate!.plan.source.id} and ${b.candidate!.plan.source.id}`;
      const message = `${sources} are further apart than ${plan.limits.maxDeviationBps} bp`;
      return { code: 'disagreement', message, subject: plan.config.id };
    }
  }
  return null;
}
