import { z } from 'zod';
import type { Database } from '../../db/connection.ts';
import { type OutboxEntry, relayOutbox } from '../../db/queries/outbox.ts';
import { defineTask } from '../task.ts';

export interface OutboxRelayPorts {
  readonly database: Database;
  /**
   * Carries the effect out, or hands it on durably; entry.id is the same on every repeat. Rejects to be called again
   * later. Must be short: rows stay locked meanwhile.
   */
  dispatch(entry: OutboxEntry): Promise<void>;
  /** Entries per transaction. Default 100. */
  readonly batch?: number;
}

/** Dispatches what is due in the outbox until nothing is left; at least once per entry, by one relay at a time. */
export const outboxRelay = defineTask({
  name: 'outbox-relay',
  payload: z.strictObject({}),
  timeoutMs: 60_000,
  attempts: 3,
  backoff: { delayMs: 500, jitter: 0.5 },
  async run(_payload, ports: OutboxRelayPorts, { signal }) {
    const limit = ports.batch ?? 100;
    const counts = { dispatched: 0, failed: 0 };
    for (;;) {
      signal.throwIfAborted();
      const batch = await relayOutbox(ports.database, ports.dispatch, { limit, signal });
      counts.dispatched += batch.dispatched;
      counts.failed += batch.failed;
      if (batch.dispatched + batch.failed < limit) return counts;
    }
  },
});
