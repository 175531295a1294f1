import type { Job, Queue, Worker } from 'bullmq';
import type { Logger } from '../../db/logger.ts';

/** Runs one job; BullMQ's own signal fires when the job was lost to another worker. */
export type JobHandler = (job: Job, signal: AbortSignal | undefined) => Promise<unknown>;

export interface WorkerSettings {
  /** Jobs at once in this process. Default 1. */
  readonly concurrency?: number;
  /** How long a worker that went silent keeps its job. Default 30 s. */
  readonly lockDurationMs?: number;
  /** How often jobs of silent workers are looked for. Default 15 s. */
  readonly stalledIntervalMs?: number;
}

/** Queues and workers over one server. What differs between the two servers ends here. */
export interface QueueBackend {
  readonly name: 'redis' | 'postgres';
  /** The queue of that name, ready; the same object on every call. @throws QueueUnavailableError */
  queue(name: string): Promise<Queue>;
  /** Starts a worker. The caller closes it before the backend. @throws QueueUnavailableError */
  worker(name: string, handler: JobHandler, settings?: WorkerSettings): Promise<Worker>;
  /** Runs `work` while no other process runs it under the same name. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Closes the queues and connections. Call it when the workers are closed. */
  close(): Promise<void>;
}

/** What both backends share: the construction of queues and workers, given how to connect. */
export interface Connector {
  readonly logger: Logger;
  makeQueue(name: string): Queue;
  makeWorker(name: string, handler: JobHandler, settings: WorkerSettings): Worker;
}

/** Completed jobs are kept this long: within it a job id is not run again. */
export const KEEP_COMPLETED = { age: 3_600, count: 5_000 } as const;
/** Failed jobs are the dead letters. */
export const KEEP_FAILED = { age: 30 * 86_400, count: 10_000 } as const;

/** Worker options that do not depend on the server. */
export function workerOptions(settings: WorkerSettings) {
  return {
    concurrency: settings.concurrency ?? 1,
    lockDuration: settings.lockDurationMs ?? 30_000,
    stalledInterval: settings.stalledIntervalMs ?? 15_000,
    // Tasks are idempotent, so a job may survive several killed workers before it counts as poisonous.
    maxStalledCount: 3,
    runRetryDelay: 1_000,
    removeOnComplete: KEEP_COMPLETED,
    removeOnFail: KEEP_FAILED,
  };
}
