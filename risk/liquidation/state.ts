import type { Reason } from '../market/verdict.ts';
import type { MarginStatus } from '../modules/module.ts';
import type { UnixMs } from '../units/time.ts';

/** Where an account is on its way from healthy to insolvent. */
export type LiquidationStage =
  | 'healthy'
  | 'warned'
  | 'margin-call'
  | 'partial-liquidation'
  | 'auction'
  | 'insolvent';

/** JSON-serialisable state of one account. */
export interface LiquidationState {
  readonly stage: LiquidationStage;
  readonly sinceMs: UnixMs;
  /** Why the stage was not left although the margin has changed, or null. */
  readonly held: Reason | null;
}

export interface LiquidationFacts {
  readonly status: MarginStatus;
  /** Whether every price the account needs may be used to liquidate. */
  readonly pricesAllowLiquidation: boolean;
  /** Whether partial closes reach the target (`LiquidationPlan.reached`). */
  readonly partialCloseReaches: boolean;
  /** Net initial margin is at the target again: a liquidation under way may end. */
  readonly restored: boolean;
}

/** How long partial closes may take before the account goes to auction, milliseconds. */
export interface LiquidationTiming {
  readonly partialTimeoutMs: number;
}

const ACTIVE: ReadonlySet<LiquidationStage> = new Set(['partial-liquidation', 'auction']);

function wanted(
  state: LiquidationState,
  facts: LiquidationFacts,
  nowMs: UnixMs,
  timing: LiquidationTiming,
): LiquidationStage {
  const { status } = facts;
  if (status === 'insolvent') return 'insolvent';
  const underWay = ACTIVE.has(state.stage) && !facts.restored;
  if (status === 'liquidatable' || underWay) {
    const late = state.stage === 'partial-liquidation' && nowMs - state.sinceMs >= timing.partialTimeoutMs;
    const auction = state.stage === 'auction' || late || !facts.partialCloseReaches;
    return auction ? 'auction' : 'partial-liquidation';
  }
  return status === 'unknown' ? state.stage : status;
}

/**
 * Next stage of an account. An account whose margin is `unknown` stays where it is, and prices that may not be used to
 * liquidate keep it out of liquidation: both are told in `held`. A liquidation under way ends only when net initial
 * margin is back at its target, not when maintenance is just met. A partial liquidation that takes too long, or cannot
 * reach the target, becomes an auction.
 */
export function nextState(
  state: LiquidationState,
  facts: LiquidationFacts,
  nowMs: UnixMs,
  timing: LiquidationTiming,
): LiquidationState {
  const hold = (code: string, message: string): LiquidationState => ({ ...state, held: { code, message } });
  if (facts.status === 'unknown') return hold('margin-unknown', 'a position has no price that may be used');
  const stage = wanted(state, facts, nowMs, timing);
  const entersLiquidation = (ACTIVE.has(stage) || stage === 'insolvent') && stage !== state.stage;
  if (entersLiquidation && !facts.pricesAllowLiquidation) {
    return hold('prices-not-for-liquidation', 'a price may not be used to liquidate');
  }
  return stage === state.stage ? { ...state, held: null } : { stage, sinceMs: nowMs, held: null };
}

/** A new account. */
export function initialState(nowMs: UnixMs): LiquidationState {
  return { stage: 'healthy', sinceMs: nowMs, held: null };
}
