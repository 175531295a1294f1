import type { Logger } from 'pino';
import type { Database } from '../../db/connection.ts';
import { readBacklog } from '../../db/queries/operations.ts';
import { ALL_TASKS } from '../../jobs/all-tasks.ts';
import { queueDepths } from '../../jobs/dead-letters.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import type { Ingest } from '../../oracles/ingest.ts';
import type { JobRuns } from '../app/job-runs.ts';
import type { OperationsFigures, OperationsPort } from '../app/operations-port.ts';

/** Wall time for which figures are told again: several scrapers cost as much as one. */
const KEEP_MS = 5_000;
/** A part that takes longer counts as not readable: /metrics must answer while a server hangs. */
const PATIENCE_MS = 4_000;

/** The figures of this deployment over its database and queues. */
export function operationsPort(options: {
  readonly database: Database;
  openQueues(): Promise<QueueBackend>;
  readonly ingest: Ingest;
  readonly logger: Logger;
  readonly keepMs?: number;
  readonly runs?: JobRuns;
}): OperationsPort {
  const { runs } = options;
  const { database, openQueues, ingest, logger, keepMs = KEEP_MS } = options;
  let kept: { readonly atMs: number; readonly figures: Promise<OperationsFigures> } | null = null;
  const read = async (): Promise<OperationsFigures> => {
    const part = <T>(what: string, work: Promise<T>) =>
      inTime(work).catch((error: unknown) => {
        logger.warn({ err: error, what }, 'cannot read the figures of operations');
        return null;
      });
    const [backlog, queues] = await Promise.all([
      part('backlog', readBacklog(database.orm)),
      part(
        'queues',
        openQueues().then((backend) => queueDepths(backend, ALL_TASKS)),
      ),
    ]);
    return { backlog, queues };
  };
  return {
    figures: () => {
      const nowMs = performance.now();
      if (kept === null || nowMs - kept.atMs >= keepMs) kept = { atMs: nowMs, figures: read() };
      return kept.figures;
    },
    chains: () => ingest.health().chains,
    queues: openQueues,
    ...(runs === undefined ? {} : { runs }),
  };
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
