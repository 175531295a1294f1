import { currentCause } from '../db/cause.ts';
import { BreakwaterError } from '../risk/errors.ts';
import { QueueUnavailableError } from './errors.ts';
import type { QueueBackend } from './queues/backend.ts';
import { parsePayload, type Task } from './task.ts';

export interface EnqueueOptions {
  /** A job with this id is added once, as long as it or its record is kept. No ':'; not a plain number. */
  readonly jobId?: string;
  /**
   * While a job with this key waits or runs, another one is not added. Not together with a `jobId` that may come
   * again after it is done: BullMQ's PostgreSQL backend then gives the key to the finished job, which never frees it.
   */
  readonly deduplicationKey?: string;
  readonly delayMs?: number;
}

/** BullMQ options that every job of a task gets. */
export function jobOptions(task: Pick<Task<never, never, unknown>, 'attempts' | 'backoff'>) {
  return {
    attempts: task.attempts,
    backoff: { type: 'exponential', delay: task.backoff.delayMs, jitter: task.backoff.jitter },
  };
}

/**
 * Adds a job, with the request that is its cause among its metadata. @returns its id (that of the existing job when it was a duplicate).
 * @throws InvalidPayloadError before anything is stored, QueueUnavailableError
 */
export async function enqueue<P, D, R>(
  backend: QueueBackend,
  task: Task<P, D, R>,
  payload: P,
  options: EnqueueOptions = {},
): Promise<string> {
  parsePayload(task, payload);
  try {
    const queue = await backend.queue(task.name);
    const cause = currentCause();
    const job = await queue.add(task.name, payload, {
      ...jobOptions(task),
      ...(options.jobId === undefined ? {} : { jobId: options.jobId }),
      ...(options.deduplicationKey === undefined ? {} : { deduplication: { id: options.deduplicationKey } }),
      ...(options.delayMs === undefined ? {} : { delay: options.delayMs }),
      ...(cause === null ? {} : { telemetry: { metadata: cause } }),
    });
    return job.id ?? '';
  } catch (error) {
    if (error instanceof BreakwaterError) throw error;
    throw new QueueUnavailableError(error instanceof Error ? error.message : String(error), error);
  }
}
