import { UnrecoverableError } from 'bullmq';
import { asDatabaseError } from '../db/errors.ts';
import type { Logger } from '../db/logger.ts';
import { BreakwaterError } from '../risk/errors.ts';
import { TaskInterruptedError, TaskTimeoutError } from './errors.ts';
import type { BoundTask } from './task.ts';

/** After its signal was aborted a run may take this long to end before it is left alone. */
const GRACE_MS = 2_000;

/** A job as far as running it goes. */
export interface RunnableJob {
  readonly id: string;
  readonly payload: unknown;
  readonly attempt: number;
}

/**
 * Runs one job under its timeout. A retryable failure is thrown as it is, any other as BullMQ's UnrecoverableError,
 * which sends the job to the failed ones at once. Either way the message starts with the error's type.
 */
export async function runTask(
  bound: BoundTask,
  job: RunnableJob,
  options: {
    readonly logger: Logger;
    readonly shutdown: AbortSignal;
    readonly lost?: AbortSignal | undefined;
  },
): Promise<unknown> {
  const { name, timeoutMs } = bound.task;
  const { logger, shutdown, lost } = options;
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = AbortSignal.any([timeout, shutdown, ...(lost ? [lost] : [])]);
  const started = performance.now();
  try {
    const run = bound.run(job.payload, { signal, jobId: job.id, attempt: job.attempt, logger });
    const result = await Promise.race([run, rejectAfterAbort(signal)]);
    logger.debug({ task: name, jobId: job.id, ms: Math.round(performance.now() - started) }, 'job done');
    return result;
  } catch (thrown) {
    const error = explain(thrown, name, timeoutMs, timeout, shutdown);
    const type = error instanceof BreakwaterError ? error.type : 'unexpected-error';
    const retryable = error instanceof BreakwaterError && error.retryable;
    logger.warn({ err: error, task: name, jobId: job.id, attempt: job.attempt, retryable }, 'job failed');
    throw taskFailure(`${type}: ${error.message}`, retryable, error);
  }
}

function explain(
  thrown: unknown,
  name: string,
  timeoutMs: number,
  timeout: AbortSignal,
  shutdown: AbortSignal,
): Error {
  const error = asDatabaseError(thrown);
  if (error instanceof BreakwaterError) return error;
  // What a run throws because it was aborted (AbortError, a closed connection) is a consequence, not the cause.
  if (timeout.aborted) return new TaskTimeoutError(name, timeoutMs);
  if (shutdown.aborted) return new TaskInterruptedError(name);
  return error instanceof Error ? error : new Error(String(error));
}

function taskFailure(message: string, retryable: boolean, cause: Error): Error {
  const failure = retryable ? new Error(message) : new UnrecoverableError(message);
  failure.cause = cause;
  if (cause.stack) failure.stack = cause.stack;
  return failure;
}

function rejectAfterAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = () => setTimeout(() => reject(signal.reason), GRACE_MS).unref();
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}
