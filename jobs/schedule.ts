import { type Logger, silentLogger } from '../db/logger.ts';
import { jobOptions } from './enqueue.ts';
import type { QueueBackend } from './queues/backend.ts';
import { parsePayload, type Task } from './task.ts';

/** A task that runs at a wall-time cadence. */
export interface Schedule {
  readonly task: Task<unknown, unknown, unknown>;
  readonly everyMs: number;
  readonly payload: unknown;
}

/** Declares a schedule. @throws InvalidPayloadError */
export function schedule<P, D, R>(task: Task<P, D, R>, everyMs: number, payload: P): Schedule {
  parsePayload(task, payload);
  return { task: task as Task<unknown, unknown, unknown>, everyMs, payload };
}

/**
 * Sees to it that every schedule is registered with its cadence and has a next run. Any number of processes may call
 * it at once and as often as they like; a schedule that is in order is not touched.
 * @returns the names of those that had to be (re)registered. @throws QueueUnavailableError
 */
export async function ensureSchedules(
  backend: QueueBackend,
  schedules: readonly Schedule[],
  logger: Logger = silentLogger,
): Promise<readonly string[]> {
  const registered: string[] = [];
  for (const entry of schedules) {
    const queue = await backend.queue(entry.task.name);
    await backend.exclusively(`breakwater-schedule-${entry.task.name}`, async () => {
      const present = await queue.getJobScheduler(entry.task.name);
      const same =
        present?.every === entry.everyMs &&
        JSON.stringify(present.template?.data ?? {}) === JSON.stringify(entry.payload ?? {});
      // A run that is late by several cadences was lost with the process that should have planned it.
      const lost = (present?.next ?? 0) < Date.now() - Math.max(4 * entry.everyMs, 60_000);
      if (same && !lost) return;
      await queue.upsertJobScheduler(
        entry.task.name,
        { every: entry.everyMs },
        { name: entry.task.name, data: entry.payload, opts: jobOptions(entry.task) },
      );
      registered.push(entry.task.name);
      logger.info({ task: entry.task.name, everyMs: entry.everyMs }, 'job schedule registered');
    });
  }
  return registered;
}
