import type { Purpose, Reason, Verdict, Verdicts } from '../../risk/market/verdict.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { seconds } from './reason.ts';

/** What is remembered of one purpose so that its verdict does not flap. */
export interface Hold {
  /** Whether it was ever usable: what never opened is not held closed. */
  readonly opened: boolean;
  /** When a guard, or a limit narrowed by the leave share, last closed it; null while it is open. */
  readonly refusedAtMs: UnixMs | null;
}

export type Holds = Readonly<Record<Purpose, Hold>>;

const NEVER: Hold = { opened: false, refusedAtMs: null };
export const NO_HOLDS: Holds = { open: NEVER, margin: NEVER, liquidate: NEVER };

export interface HoldLimits {
  readonly holdMs: number;
  readonly leaveShare: number;
}

const closed = (reason: Reason, { reasons }: Verdict): Verdict => ({
  usable: false,
  reasons: [reason, ...reasons],
});

/**
 * Hysteresis of one purpose. It closes as soon as a guard says so, and opens again when for `holdMs` neither a guard nor
 * a limit narrowed to `leaveShare` has closed it. Only ever closes what the guards leave open.
 * @param strict the verdict under the narrowed limits; asked only while the purpose is held
 */
function held(
  purpose: Purpose,
  raw: Verdict,
  strict: () => Verdict,
  { refusedAtMs }: Hold,
  { holdMs, leaveShare }: HoldLimits,
  subject: string,
  nowMs: UnixMs,
): Verdict {
  if (!raw.usable || refusedAtMs === null) return raw;
  const near = strict();
  if (!near.usable) {
    const why = near.reasons[0]?.code ?? 'guard';
    const message = `${purpose} was closed and opens again within ${Math.round(leaveShare * 100)} % of the limits (${why})`;
    return closed({ code: 'near-limit', message, subject }, raw);
  }
  const sinceMs = nowMs - refusedAtMs;
  if (sinceMs >= holdMs) return raw;
  const message = `${purpose} was closed ${seconds(sinceMs)} ago and stays so for ${seconds(holdMs)}`;
  return closed({ code: 'hold', message, subject }, raw);
}

/** Whether any purpose is, or was until a moment ago, closed. */
export const holdsAny = ({ open, margin, liquidate }: Holds): boolean =>
  open.refusedAtMs !== null || margin.refusedAtMs !== null || liquidate.refusedAtMs !== null;

/** Verdicts after hysteresis. `strict` is asked at most once, and only while something is held. */
export function heldVerdicts(
  raw: Verdicts,
  strict: () => Verdicts,
  holds: Holds,
  limits: HoldLimits,
  subject: string,
  nowMs: UnixMs,
): Verdicts {
  if (!holdsAny(holds)) return raw;
  let narrowed: Verdicts | null = null;
  const decide = (purpose: Purpose): Verdict => {
    const ask = (): Verdict => {
      narrowed ??= strict();
      return narrowed[purpose];
    };
    return held(purpose, raw[purpose], ask, holds[purpose], limits, subject, nowMs);
  };
  return { open: decide('open'), margin: decide('margin'), liquidate: decide('liquidate') };
}

function advanced(hold: Hold, { usable, reasons }: Verdict, atMs: UnixMs): Hold {
  if (usable) return hold.opened && hold.refusedAtMs === null ? hold : { opened: true, refusedAtMs: null };
  if (!hold.opened || reasons[0]?.code === 'hold') return hold;
  return { opened: true, refusedAtMs: atMs };
}

/** What is remembered after these verdicts: waiting out a hold does not prolong it, being near a limit does. */
export function advanceHolds(holds: Holds, verdicts: Verdicts, atMs: UnixMs): Holds {
  const open = advanced(holds.open, verdicts.open, atMs);
  const margin = advanced(holds.margin, verdicts.margin, atMs);
  const liquidate = advanced(holds.liquidate, verdicts.liquidate, atMs);
  const same = open === holds.open && margin === holds.margin && liquidate === holds.liquidate;
  return same ? holds : { open, margin, liquidate };
}
