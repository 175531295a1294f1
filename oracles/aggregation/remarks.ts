import type { Reason } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { checkAnchor } from '../guards/anchor.ts';
import { checkJump, checkOtherChains, historyConfirms, isBeyond } from '../guards/history.ts';
import type { FeedMemory } from '../guards/memory.ts';
import type { GuardReason } from '../guards/reason.ts';
import { outvoted } from './backing.ts';
import type { Draft } from './draft.ts';
import type { FeedPlan } from './plan.ts';

/** Whether a source that was left out for nothing but its deviation says what is remembered. */
export function historyWithDissent(
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
): readonly GuardReason[] {
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
