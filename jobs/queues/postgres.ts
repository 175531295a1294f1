import { createPostgresBackend, Queue, runMigrations, Worker } from 'bullmq';
import pg from 'pg';
import type { Logger } from '../../db/logger.ts';
import { QueueUnavailableError } from '../errors.ts';
import { type QueueBackend, workerOptions } from './backend.ts';
import { poolForQueues } from './pool.ts';
import { QueueCache, withinReason } from './queue-cache.ts';

/** BullMQ's own schema; it migrates it itself, apart from ours. */
const SCHEMA = 'bullmq';

/**
 * BullMQ on PostgreSQL: one pool for all queues and workers of this process; each worker holds one connection of
 * it to listen on. @throws QueueUnavailableError
 */
export async function createPostgresQueues(options: {
  readonly databaseUrl: string;
  readonly logger: Logger;
}): Promise<QueueBackend> {
  const { logger } = options;
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    options: `-c search_path=${SCHEMA}`,
    application_name: 'breakwater-jobs',
    max: 30,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  // Every queue and worker adds its own listener to the shared pool.
  pool.setMaxListeners(0);
  pool.on('error', (error) => logger.warn({ err: error }, 'lost a queue connection'));
  pool.on('connect', (client) => client.on('error', () => undefined));
  await migrate(pool);
  const connection = poolForQueues(pool);
  const queues = new QueueCache(
    (name) => new Queue(name, { connection }, createPostgresBackend) as unknown as Queue,
    logger,
  );
  return {
    name: 'postgres',
    queue: (name) => queues.get(name),
    worker: async (name, handler, settings = {}) => {
      const worker = new Worker(
        name,
        (job, _token, signal) => handler(job as never, signal),
        { connection, ...workerOptions(settings) },
        createPostgresBackend,
      );
      return queues.adopt(worker as unknown as Worker);
    },
    exclusively: (name, work) => underAdvisoryLock(pool, name, work),
    close: async () => {
      await queues.close();
      await withinReason(pool.end());
    },
  };
}

async function migrate(pool: pg.Pool): Promise<void> {
  try {
    const client = await pool.connect();
    try {
      await runMigrations(client as unknown as Parameters<typeof runMigrations>[0], SCHEMA);
    } finally {
      client.release();
    }
  } catch (error) {
    await pool.end();
    throw new QueueUnavailableError(error instanceof Error ? error.message : String(error), error);
  }
}

async function underAdvisoryLock<T>(pool: pg.Pool, name: string, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [name]);
    return await work();
  } finally {
    await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [name]).catch(() => {
      // The session is gone or unwell; ending it gives the lock up.
      broken = true;
    });
    client.release(broken);
  }
}
