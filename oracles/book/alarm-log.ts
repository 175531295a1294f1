import type { UnixMs } from '../../risk/units/time.ts';
import type { GuardAlarm } from '../guards/alarm.ts';
import type { RobustPrice } from '../price.ts';

/** A guard began to bind, or has not bound for a while. */
export interface AlarmEvent extends GuardAlarm {
  readonly state: 'raised' | 'cleared';
  /** Market time of the evaluation that found it. */
  readonly atMs: UnixMs;
}

export interface ActiveAlarm extends GuardAlarm {
  readonly raisedAtMs: UnixMs;
}

interface Entry {
  alarm: GuardAlarm;
  readonly raisedAtMs: UnixMs;
  boundAtMs: UnixMs;
}

const keyOf = ({ guard, subject }: GuardAlarm): string => `${guard} ${subject}`;

/** The alarms of one feed. One that stops binding is cleared only after `quietMs`, so that it is not told over and over. */
export class AlarmLog {
  private readonly entries = new Map<string, Entry>();
  private readonly quietMs: number;

  constructor(quietMs: number) {
    this.quietMs = quietMs;
  }

  /** What changed with this price; call it with prices in order of time. */
  observe({ alarms = [], asOfMs }: Pick<RobustPrice, 'alarms' | 'asOfMs'>): readonly AlarmEvent[] {
    if (alarms.length === 0 && this.entries.size === 0) return [];
    const events: AlarmEvent[] = [];
    for (const alarm of alarms) {
      const known = this.entries.get(keyOf(alarm));
      if (known === undefined) {
        this.entries.set(keyOf(alarm), { alarm, raisedAtMs: asOfMs, boundAtMs: asOfMs });
        events.push({ ...alarm, state: 'raised', atMs: asOfMs });
      } else {
        known.alarm = alarm;
        known.boundAtMs = asOfMs;
      }
    }
    for (const [key, { alarm, boundAtMs }] of this.entries) {
      if (boundAtMs === asOfMs || asOfMs - boundAtMs < this.quietMs) continue;
      this.entries.delete(key);
      events.push({ ...alarm, state: 'cleared', atMs: asOfMs });
    }
    return events;
  }

  active(): readonly ActiveAlarm[] {
    return [...this.entries.values()].map(({ alarm, raisedAtMs }) => ({ ...alarm, raisedAtMs }));
  }
}
