import type { AlarmEvent } from '../../oracles/book/alarm-log.ts';
import { iso } from './common.ts';
import { withoutAddresses } from './redact.ts';

/** A guard that begins to bind, or has stopped, as the stream tells it. */
export function alarmDto({ feedId, guard, subject, message, measure, state, atMs }: AlarmEvent) {
  return {
    feed: feedId,
    guard,
    subject,
    state,
    message: withoutAddresses(message),
    value: measure?.value ?? null,
    limit: measure?.limit ?? null,
    unit: measure?.unit ?? null,
    at: iso(atMs),
  };
}
export type AlarmDto = ReturnType<typeof alarmDto>;
