import { z } from 'zod';
import { currentCause, withCause } from '../../db/cause.ts';
import type { Database } from '../../db/connection.ts';
import { deliveryToSend, recordAttempt } from '../../db/queries/webhook-deliveries.ts';
import type { StoredWebhook } from '../../db/queries/webhooks.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import { enqueue } from '../enqueue.ts';
import type { QueueBackend } from '../queues/backend.ts';
import { defineTask, type Task } from '../task.ts';

/** A receiver did not take a message; the last try ends among the dead letters. */
export class WebhookFailedError extends BreakwaterError {
  override readonly name = 'WebhookFailedError';
  constructor(delivery: string, why: string, retryable: boolean) {
    super(`${delivery}: ${why}`, {
      type: 'webhook-failed',
      kind: 'unavailable',
      retryable,
      details: { delivery },
    });
  }
}

export interface WebhookDeliverPorts {
  readonly database: Database;
  /** Calls the receiver once; never rejects. `error` is null when it took the message. */
  send(
    webhook: StoredWebhook,
    message: { readonly id: string; readonly body: string },
    signal: AbortSignal,
  ): Promise<{ readonly status: number | null; readonly error: string | null }>;
}

const GONE = 410;
const ATTEMPTS = 12;

/** Delivers one message: some two hours of tries, each with the same id, then it is dead until it is replayed. */
export const webhookDeliver = defineTask({
  name: 'webhook-deliver',
  payload: z.strictObject({ delivery: z.string().min(1).max(64), round: z.int().nonnegative() }),
  timeoutMs: 30_000,
  attempts: ATTEMPTS,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  concurrency: 8,
  async run({ delivery: id, round }, { database, send }: WebhookDeliverPorts, { signal, attempt }) {
    const found = await deliveryToSend(database.orm, id);
    // Its webhook was removed, it has arrived, or it was replayed under another job.
    if (found === null || found.delivery.state === 'delivered' || found.delivery.round !== round) {
      return { sent: false };
    }
    // A job that was lost and put back does not know the request any more; its row does.
    const cause = found.delivery.cause ?? currentCause();
    const { status, error } = await withCause(cause, () => send(found.webhook, found.delivery, signal));
    // A stop of this worker is not a failure of the receiver.
    if (error !== null) signal.throwIfAborted();
    const last = attempt >= ATTEMPTS || status === GONE;
    const state = error === null ? 'delivered' : last ? 'dead' : 'pending';
    await recordAttempt(database.orm, id, { state, status, error });
    if (error !== null) throw new WebhookFailedError(id, error, !last);
    return { sent: true };
  },
});

/** Puts a delivery into the queue, once per round. @throws QueueUnavailableError */
export async function enqueueDelivery(
  backend: QueueBackend,
  delivery: { readonly id: string; readonly round: number },
  task: Task<z.infer<typeof webhookDeliver.payload>, never, unknown> = webhookDeliver as never,
): Promise<void> {
  const { id, round } = delivery;
  await enqueue(backend, task, { delivery: id, round }, { jobId: `${id}-${round}` });
}
