import { UnrecoverableError } from 'bullmq';
import { withCause } from '../db/cause.ts';
import { asDatabaseError } from '../db/errors.ts';
import type { Logger } from '../db/logger.ts';
import { BreakwaterError } from '../risk/errors.ts';
import { TaskInterruptedError, TaskTimeoutError } from './errors.ts';
import type { BoundTask } from './task.ts';

/** After its signal was aborted a run may take this long to end before it is left alone. */
const GRACE_MS = 2_000;
/** The same for one that hands over: nobody waits for what it computes. */
const HAND_OVER_MS = 100;

/** A job as far as running it goes. */
export interface RunnableJob {
  readonly id: string;
  readonly payload: unknown;
  readonly attempt: number;
  /** Id of the HTTP request on whose behalf it runs. Default null: on behalf of none. */
  readonly cause?: string | null;
}

/** How a run ended: `retried` will be run again, `failed` is a dead letter. */
export type RunOutcome = 'done' | 'retried' | 'failed';

/** Told of every run; must not throw. */
export type ObserveRun = (task: string, outcome: RunOutcome, seconds: number) => void;

/**
 * Runs one job under its timeout. A retryable failure is thrown as it is, any other as BullMQ's UnrecoverableError,
 * which sends the job to the failed ones at once. Either way the message starts with the error's type.
 */
export function runTask(...args: Parameters<typeof run>): Promise<unknown> {
  return withCause(args[1].cause ?? null, () => run(...args));
}

async function run(
  bound: BoundTask,
  job: RunnableJob,
  options: {
    readonly logger: Logger;
    readonly shutdown: AbortSignal;
    readonly lost?: AbortSignal | undefined;
    readonly observe?: ObserveRun | undefined;
  },
): Promise<unknown> {
  const { name, timeoutMs, attempts } = bound.task;
  const { logger, shutdown, lost, observe } = options;
  const graceMs = bound.task.handsOver === true ? HAND_OVER_MS : GRACE_MS;
  const limits = watch({ name, timeoutMs, graceMs }, shutdown, lost);
  const { signal } = limits;
  const started = performance.now();
  const ended = (outcome: RunOutcome) => observe?.(name, outcome, (performance.now() - started) / 1000);
  try {
    const running = bound.run(job.payload, { signal, jobId: job.id, attempt: job.attempt, logger });
    const result = await Promise.race([running, limits.exceeded]);
    ended('done');
    logger.debug({ task: name, jobId: job.id, ms: Math.round(performance.now() - started) }, 'job done');
    return result;
  } catch (thrown) {
    const error = explain(thrown, signal);
    const type = error instanceof BreakwaterError ? error.type : 'unexpected-error';
    const retryable = error instanceof BreakwaterError && error.retryable;
    ended(retryable && job.attempt < attempts ? 'retried' : 'failed');
    logger.warn({ err: error, task: name, jobId: job.id, attempt: job.attempt, retryable }, 'job failed');
    throw taskFailure(`${type}: ${error.message}`, retryable, error);
  } finally {
    limits.clear();
  }
}

/**
 * The signal of one run, aborted by whichever limit comes first, with a typed reason. Listeners and timers are taken
 * away again: the shutdown signal lives as long as the process.
 */
function watch(
  {
    name,
    timeoutMs,
    graceMs,
  }: { readonly name: string; readonly timeoutMs: number; readonly graceMs: number },
  shutdown: AbortSignal,
  lost: AbortSignal | undefined,
) {
  const controller = new AbortController();
  let grace: NodeJS.Timeout | undefined;
  let exceed: (reason: unknown) => void = () => undefined;
  const exceeded = new Promise<never>((_resolve, reject) => {
    exceed = reject;
  });
  const abort = (reason: Error) => {
    if (controller.signal.aborted) return;
    controller.abort(reason);
    grace = setTimeout(() => exceed(reason), graceMs);
  };
  const onTimeout = setTimeout(() => abort(new TaskTimeoutError(name, timeoutMs)), timeoutMs);
  const onInterrupt = () => abort(new TaskInterruptedError(name));
  for (const source of [shutdown, lost]) {
    if (source?.aborted) onInterrupt();
    source?.addEventListener('abort', onInterrupt, { once: true });
  }
  return {
    signal: controller.signal,
    /** Rejects when the run has not ended some time after its signal was aborted. */
    exceeded,
    clear: () => {
      clearTimeout(onTimeout);
      clearTimeout(grace);
      for (const source of [shutdown, lost]) source?.removeEventListener('abort', onInterrupt);
    },
  };
}

function explain(thrown: unknown, signal: AbortSignal): Error {
  const error = asDatabaseError(thrown);
  if (error instanceof BreakwaterError) return error;
  // What a run throws because it was aborted (AbortError, a closed connection) is a consequence, not the cause.
  if (signal.aborted) return signal.reason;
  return error instanceof Error ? error : new Error(String(error));
}

function taskFailure(message: string, retryable: boolean, cause: Error): Error {
  const failure = retryable ? new Error(message) : new UnrecoverableError(message);
  failure.cause = cause;
  if (cause.stack) failure.stack = cause.stack;
  return failure;
}
