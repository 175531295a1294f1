import type { UnixMs } from '../../risk/units/time.ts';
import { GUARD_LIMITS } from './limits.ts';
import { type GuardReason, seconds } from './reason.ts';

/**
 * Age is counted from the publish time. Comparisons are written so that a time which is no number is refused.
 * @param publishTimeMs when the source published
 * @param blockTimeMs block at which a chain source was read; null off chain
 */
export function checkAge(
  publishTimeMs: UnixMs,
  blockTimeMs: UnixMs | null,
  maxAgeMs: number,
  maxReadAgeMs: number,
  nowMs: UnixMs,
): GuardReason | null {
  const ageMs = nowMs - publishTimeMs;
  if (!(ageMs >= -GUARD_LIMITS.maxFutureSeconds * 1000)) {
    return { code: 'future-publish-time', message: `published ${seconds(-ageMs)} in the future` };
  }
  if (!(ageMs <= maxAgeMs)) {
    return {
      code: 'stale-source',
      message: `published ${seconds(ageMs)} ago, the limit is ${seconds(maxAgeMs)}`,
    };
  }
  if (blockTimeMs !== null) {
    const readAgeMs = nowMs - blockTimeMs;
    if (!(readAgeMs <= maxReadAgeMs)) {
      const message = `last read at a block of ${seconds(readAgeMs)} ago, the limit is ${seconds(maxReadAgeMs)}`;
      return { code: 'stale-read', message };
    }
  }
  return null;
}
