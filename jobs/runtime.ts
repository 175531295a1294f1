import type { Worker } from 'bullmq';
import { type Logger, silentLogger } from '../db/logger.ts';
import type { QueueBackend, WorkerSettings } from './queues/backend.ts';
import { type ObserveRun, runTask } from './run-task.ts';
import { ensureSchedules, type Schedule } from './schedule.ts';
import type { BoundTask } from './task.ts';

export interface StartWorkersOptions {
  readonly backend: QueueBackend;
  /** Tasks with their dependencies, e.g. standardTasks(ports). */
  readonly tasks: readonly BoundTask[];
  /** Registered now and checked again every `scheduleCheckMs`. Default none. */
  readonly schedules?: readonly Schedule[];
  readonly logger?: Logger;
  /** Jobs at once per task in this process, over what the task says. */
  readonly concurrency?: number;
  readonly worker?: Pick<WorkerSettings, 'lockDurationMs' | 'stalledIntervalMs'>;
  /** Default 30 s. */
  readonly scheduleCheckMs?: number;
  /** How long stop() waits for running jobs before their signals are aborted. Default 20 s. */
  readonly drainMs?: number;
  readonly observe?: ObserveRun;
}

export interface Workers {
  /**
   * Takes no further jobs, waits for those that run (aborting them after `drainMs`, and at once what hands over), closes
   * the workers. The backend stays open. May be called twice.
   */
  stop(): Promise<void>;
}

/**
 * Starts one worker per task. Any number of processes may do so over one backend; there is no leader.
 * @throws QueueUnavailableError; nothing is left running then.
 */
export async function startWorkers(options: StartWorkersOptions): Promise<Workers> {
  const { backend, tasks } = options;
  const logger = options.logger ?? silentLogger;
  const shutdown = new AbortController();
  const handOver = new AbortController();
  const workers: Worker[] = [];
  try {
    for (const bound of tasks) {
      const worker = await backend.worker(
        bound.task.name,
        (job, lost) =>
          runTask(
            bound,
            {
              id: job.id ?? '',
              payload: job.data,
              attempt: job.attemptsMade + 1,
              cause: job.opts.telemetry?.metadata ?? null,
            },
            {
              logger,
              shutdown: (bound.task.handsOver === true ? handOver : shutdown).signal,
              lost,
              observe: options.observe,
            },
          ),
        { ...options.worker, concurrency: options.concurrency ?? bound.task.concurrency ?? 1 },
      );
      workers.push(worker);
    }
    await ensureSchedules(backend, options.schedules ?? [], logger);
  } catch (error) {
    await Promise.all(workers.map((worker) => worker.close(true)));
    throw error;
  }
  // Redis may have been flushed, or the process that should have planned the next run killed.
  const keepSchedules = repeat(options.scheduleCheckMs ?? 30_000, () =>
    ensureSchedules(backend, options.schedules ?? [], logger).catch((error) =>
      logger.warn({ err: error }, 'cannot check the job schedules'),
    ),
  );
  let stopping: Promise<void> | undefined;
  return {
    stop: () => {
      handOver.abort();
      stopping ??= keepSchedules
        .stop()
        .then(() => drain(workers, shutdown, options.drainMs ?? 20_000, logger));
      return stopping;
    },
  };
}

/** After the abort the workers still have to tell the server; without a server they cannot, and are left. */
const LAST_WORDS_MS = 5_000;

async function drain(
  workers: readonly Worker[],
  shutdown: AbortController,
  drainMs: number,
  logger: Logger,
): Promise<void> {
  const impatient = setTimeout(() => shutdown.abort(), drainMs);
  let giveUp: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    giveUp = setTimeout(() => resolve('late'), drainMs + LAST_WORDS_MS);
  });
  const outcome = await Promise.race([Promise.all(workers.map((worker) => worker.close())), late]);
  clearTimeout(impatient);
  clearTimeout(giveUp);
  if (outcome !== 'late') return;
  logger.error({}, 'workers did not close; their jobs are taken up by others');
  // Otherwise their attempts to connect again would keep the process alive.
  for (const worker of workers) worker.disconnect().catch(() => undefined);
}

/** Calls `work` every `everyMs` after the last call has ended. */
function repeat(everyMs: number, work: () => Promise<unknown>): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<unknown> = Promise.resolve();
  const plan = () => {
    timer = setTimeout(() => {
      running = work().finally(() => stopped || plan());
    }, everyMs);
  };
  plan();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
