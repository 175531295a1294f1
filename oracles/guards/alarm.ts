import type { GuardReason, Measure } from './reason.ts';

/** A guard that binds: against a whole feed, or against one of its sources. */
export interface GuardAlarm {
  readonly feedId: string;
  /** Code of the guard, e.g. `jump`, `growth-cap`. */
  readonly guard: string;
  /** The feed, or the source that the guard left out. */
  readonly subject: string;
  readonly message: string;
  readonly measure: Measure | null;
}

/**
 * Reasons that say nothing more than that a source or a purpose is not to be had: who watches for those has the
 * verdicts. Everything else is a guard that contradicts a number, and either of the two may be wrong.
 */
const AVAILABILITY: ReadonlySet<string> = new Set([
  'stale-source',
  'stale-read',
  'no-report',
  'read-failed',
  'chain-unavailable',
  'never-published',
  'round-incomplete',
  'round-carried-over',
  'signer-set-missing',
  'api-key-missing',
  'quorum-not-met',
  'quote-leg',
  'spot-source',
  'lagging',
  'hold',
  'near-limit',
]);

/** The alarm of a reason; null where it is no guard that binds. */
export function alarmOf(feedId: string, subject: string, reason: GuardReason): GuardAlarm | null {
  if (AVAILABILITY.has(reason.code)) return null;
  return { feedId, guard: reason.code, subject, message: reason.message, measure: reason.measure ?? null };
}
