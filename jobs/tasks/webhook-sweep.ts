import { z } from 'zod';
import type { Database } from '../../db/connection.ts';
import { deleteDeliveries, deliveriesInState } from '../../db/queries/webhook-deliveries.ts';
import { defineTask } from '../task.ts';

export interface WebhookSweepPorts {
  readonly database: Database;
  enqueue(delivery: { readonly id: string; readonly round: number }): Promise<void>;
}

const QUIET_MS = 60_000;
const KEEP_MS = 30 * 86_400_000;
const BATCH = 1_000;

/** Enqueues again what is pending though its job was lost (a flushed Redis), and forgets deliveries after 30 days. */
export const webhookSweep = defineTask({
  name: 'webhook-sweep',
  payload: z.strictObject({}),
  timeoutMs: 60_000,
  attempts: 3,
  backoff: { delayMs: 1_000, jitter: 0.5 },
  async run(_payload, { database, enqueue }: WebhookSweepPorts, { signal }) {
    const nowMs = Date.now();
    const ask = { state: 'pending', beforeMs: nowMs - QUIET_MS, limit: BATCH } as const;
    const waiting = await deliveriesInState(database.orm, ask);
    for (const delivery of waiting) {
      signal.throwIfAborted();
      // A job that is there, or its record, keeps a second one from being added.
      await enqueue(delivery);
    }
    return { pending: waiting.length, forgotten: await deleteDeliveries(database.orm, nowMs - KEEP_MS) };
  },
});
