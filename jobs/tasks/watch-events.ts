import { z } from 'zod';
import type { Database } from '../../db/connection.ts';
import { noteState, type WatchedState, watchedStatesNow } from '../../db/queries/watched-states.ts';
import { defineTask } from '../task.ts';

/** A state as it is seen now, and what to tell if it is new. */
export interface Observation extends WatchedState {
  readonly effect: { readonly topic: string; readonly payload: unknown } | null;
}

export interface WatchEventsPorts {
  readonly database: Database;
  /** What is watched, as this process sees it. */
  observe(): readonly Observation[];
  /** States by subject, kept between runs of this process. */
  readonly seen: Map<string, { readonly state: string; readonly times: number }>;
}

/** A state counts when it was seen so often in a row: a start without prices yet is not a halt. */
export const STEADY_TIMES = 3;

/** Turns lasting changes of what is watched into entries of the outbox, each once. */
export const watchEvents = defineTask({
  name: 'watch-events',
  payload: z.strictObject({}),
  timeoutMs: 30_000,
  attempts: 2,
  backoff: { delayMs: 500, jitter: 0.5 },
  async run(_payload, { database, observe, seen }: WatchEventsPorts, { signal }) {
    const stored = await watchedStatesNow(database.orm);
    let changed = 0;
    for (const { effect, ...now } of observe()) {
      signal.throwIfAborted();
      const key = `${now.kind} ${now.subject}`;
      const last = seen.get(key);
      const times = last?.state === now.state ? last.times + 1 : 1;
      seen.set(key, { state: now.state, times });
      if (times < STEADY_TIMES || stored.get(key) === now.state) continue;
      if (await noteState(database, now, effect)) changed += 1;
    }
    return { changed };
  },
});
