import type { Job } from 'bullmq';
import type { Database } from '../../db/connection.ts';
import { ALL_TASKS } from '../../jobs/all-tasks.ts';
import { queueDepths } from '../../jobs/dead-letters.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { createQueueBackend } from '../../jobs/queues/create.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import type { Cleanup } from '../runtime/cleanup.ts';
import { type Finding, findingsOf, inWords } from './finding.ts';

const { ok, warning, failed } = findingsOf('queue');

/** Wall time that a job may wait for a worker. */
const WAITING_MS = 60_000;
/** A worker that died keeps its job for 45 s more than the task may take (docs/jobs.md). */
const GRACE_MS = 60_000;

/**
 * Opens the queues, which makes BullMQ's tables when they are missing; where no worker ever ran they are left so.
 * Null when there is nothing to open.
 */
export async function openQueuesForCheck(
  redisUrl: string | null,
  database: Database | null,
  cleanup: Cleanup,
): Promise<{ readonly backend: QueueBackend | null; readonly findings: readonly Finding[] }> {
  try {
    if (redisUrl === null) {
      if (database === null) {
        const action = 'see the findings about the database';
        return {
          backend: null,
          findings: [warning('queues', 'are in the database, which is not open', action)],
        };
      }
      const { rows } = await database.pool.query(`select to_regnamespace('bullmq') is not null as present`);
      if (!rows[0]?.present) {
        const action = 'start a worker (npm run worker, or npm start)';
        return {
          backend: null,
          findings: [warning('queues', 'no worker has run on this database yet', action)],
        };
      }
    }
    const backend = await createQueueBackend(
      redisUrl === null ? { databaseUrl: database!.url } : { redisUrl },
    );
    cleanup.add('queues', () => backend.close());
    return { backend, findings: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      backend: null,
      findings: [failed('queues', why, 'check REDIS_URL or DATABASE_URL and the server')],
    };
  }
}

/** Depth, stuck jobs, schedules that nobody runs, and dead letters. */
export async function checkQueues(backend: QueueBackend, nowMs: number): Promise<readonly Finding[]> {
  try {
    const depths = await queueDepths(backend, ALL_TASKS);
    const sum = (of: (depth: (typeof depths)[number]) => number) =>
      depths.reduce((all, one) => all + of(one), 0);
    const depth = `${sum((d) => d.waiting)} waiting, ${sum((d) => d.active)} running, ${sum((d) => d.delayed)} planned`;
    const findings: Finding[] = [ok('queues', `${backend.name} answers; ${depth}`)];
    findings.push(...(await stuck(backend, nowMs)));
    const dead = depths.filter(({ failed: letters }) => letters > 0);
    if (dead.length === 0) findings.push(ok('dead letters', 'none'));
    for (const { task, failed: letters } of dead) {
      const action = `npm run dead-letters -- list --task ${task}`;
      findings.push(warning(`dead letters of ${task}`, `${letters} jobs failed for good`, action));
    }
    return findings;
  } catch (error) {
    if (!(error instanceof BreakwaterError)) throw error;
    return [failed('queues', error.message, 'check REDIS_URL or DATABASE_URL and the server')];
  }
}

/** Jobs that run too long or wait too long, and tasks whose next run is overdue. */
async function stuck(backend: QueueBackend, nowMs: number): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const { name, timeoutMs } of ALL_TASKS) {
    const queue = await backend.queue(name);
    const active = (await queue.getJobs(['active'], 0, 99)) as (Job | undefined)[];
    const since = (job: Job | undefined) => nowMs - (job?.processedOn ?? nowMs);
    const long = active.filter((job) => since(job) > timeoutMs + GRACE_MS);
    for (const job of long) {
      const detail = `runs for ${inWords(since(job))}, may take ${inWords(timeoutMs)}`;
      findings.push(
        failed(`job ${job?.id} of ${name}`, detail, 'its worker is gone or hangs: restart the workers'),
      );
    }
    const [oldest] = (await queue.getJobs(['waiting'], 0, 0, true)) as (Job | undefined)[];
    const waitedMs = nowMs - (oldest === undefined ? nowMs : oldest.timestamp + (oldest.delay ?? 0));
    if (waitedMs > WAITING_MS) {
      const action = 'start a worker, or more of them';
      findings.push(failed(`queue ${name}`, `its oldest job waits for ${inWords(waitedMs)}`, action));
    }
    const scheduler = await queue.getJobScheduler(name);
    const overdueMs = nowMs - (scheduler?.next ?? nowMs);
    if (overdueMs > Math.max(4 * (scheduler?.every ?? 0), WAITING_MS)) {
      const action = 'start a worker: its schedules come back by themselves';
      findings.push(failed(`schedule ${name}`, `its next run is overdue by ${inWords(overdueMs)}`, action));
    }
  }
  if (findings.length === 0) findings.push(ok('jobs', 'none is stuck, no schedule is overdue'));
  return findings;
}
