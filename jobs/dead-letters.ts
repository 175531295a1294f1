import type { Job } from 'bullmq';
import { BreakwaterError } from '../risk/errors.ts';
import type { UnixMs } from '../risk/units/time.ts';
import { QueueUnavailableError } from './errors.ts';
import type { QueueBackend } from './queues/backend.ts';
import { parsePayload, type Task } from './task.ts';

type AnyTask = Task<unknown, unknown, unknown>;

/** A job that failed for good and waits for a person. */
export interface DeadLetter {
  readonly task: string;
  readonly jobId: string;
  readonly payload: unknown;
  /** Type of the failure, e.g. `database-unavailable`; `unexpected-error` for what was not foreseen. */
  readonly type: string;
  readonly message: string;
  /** Failed tries. */
  readonly attempts: number;
  readonly enqueuedAtMs: UnixMs;
  readonly failedAtMs: UnixMs | null;
}

/** No failed job of that task has the id: replayed already, or no longer kept. */
export class DeadLetterNotFoundError extends BreakwaterError {
  override readonly name = 'DeadLetterNotFoundError';
  constructor(task: string, jobId: string) {
    super(`no failed job ${jobId} of ${task}`, {
      type: 'dead-letter-not-found',
      kind: 'not-found',
      details: { task, jobId },
    });
  }
}

async function answered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof BreakwaterError) throw error;
    throw new QueueUnavailableError(error instanceof Error ? error.message : String(error), error);
  }
}

function fromJob(task: string, job: Job): DeadLetter {
  const reason = job.failedReason ?? '';
  // Without a type it was BullMQ that gave the job up: its worker died too often.
  const [, type, message] = /^([a-z][a-z0-9-]*): (.*)$/s.exec(reason) ?? ['', 'job-stalled', reason];
  return {
    task,
    jobId: job.id ?? '',
    payload: job.data,
    type: type!,
    message: message!,
    attempts: job.attemptsMade,
    enqueuedAtMs: job.timestamp,
    failedAtMs: job.finishedOn ?? null,
  };
}

/** Dead letters of the tasks, newest first. @throws QueueUnavailableError */
export async function listDeadLetters(
  backend: QueueBackend,
  tasks: readonly Pick<AnyTask, 'name'>[],
  options: {
    /** Per task. Default 100. */
    readonly limit?: number;
    /** Only failures of this type. */
    readonly type?: string;
  } = {},
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const { name } of tasks) {
    const queue = await backend.queue(name);
    const jobs = await answered(queue.getJobs(['failed'], 0, (options.limit ?? 100) - 1, false));
    letters.push(...jobs.map((job) => fromJob(name, job)));
  }
  return letters
    .filter((letter) => options.type === undefined || letter.type === options.type)
    .sort((a, b) => (b.failedAtMs ?? 0) - (a.failedAtMs ?? 0));
}

/** @throws DeadLetterNotFoundError */
async function find(backend: QueueBackend, task: Pick<AnyTask, 'name'>, jobId: string): Promise<Job> {
  const queue = await backend.queue(task.name);
  const job = await answered(queue.getJob(jobId));
  if (!job || !(await answered(job.isFailed()))) throw new DeadLetterNotFoundError(task.name, jobId);
  return job;
}

/**
 * Puts a failed job back into its queue with all its tries.
 * @throws DeadLetterNotFoundError, QueueUnavailableError, InvalidPayloadError when its payload does not fit the task
 * (any more): it would only fail again
 */
export async function replayDeadLetter<P, D, R>(
  backend: QueueBackend,
  task: Task<P, D, R>,
  jobId: string,
): Promise<void> {
  const job = await find(backend, task, jobId);
  parsePayload(task, job.data);
  await answered(job.retry('failed', { resetAttemptsMade: true, resetAttemptsStarted: true }));
}

/** Forgets a failed job. @throws DeadLetterNotFoundError, QueueUnavailableError */
export async function discardDeadLetter(
  backend: QueueBackend,
  task: Pick<AnyTask, 'name'>,
  jobId: string,
): Promise<void> {
  const job = await find(backend, task, jobId);
  await answered(job.remove());
}

/** Jobs of one task by state; for metrics. */
export interface QueueDepth {
  readonly task: string;
  readonly waiting: number;
  readonly active: number;
  /** Waiting for their time: retries and scheduled runs. */
  readonly delayed: number;
  readonly failed: number;
}

/** How much there is to do. @throws QueueUnavailableError */
export async function queueDepths(
  backend: QueueBackend,
  tasks: readonly Pick<AnyTask, 'name'>[],
): Promise<readonly QueueDepth[]> {
  return Promise.all(
    tasks.map(async ({ name }) => {
      const queue = await backend.queue(name);
      const counts = await answered(queue.getJobCounts('waiting', 'active', 'delayed', 'failed'));
      const { waiting = 0, active = 0, delayed = 0, failed = 0 } = counts;
      return { task: name, waiting, active, delayed, failed };
    }),
  );
}
