import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Database, openDatabase } from '../../db/connection.ts';
import { startEmbeddedPostgres } from '../../db/embedded.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { createQueueBackend } from '../../jobs/queues/create.ts';
import type { Cleanup } from '../runtime/cleanup.ts';

export interface StorageOptions {
  /** null starts the embedded server in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly redisUrl: string | null;
  readonly dataDir: string;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
  /** false trades durability against power loss for speed, on the embedded server only. */
  readonly sync?: boolean;
}

export interface Storage {
  readonly database: Database;
  readonly databaseUrl: string;
  /** Opened on first use: a gateway without workers needs no queues. */
  openQueues(): Promise<QueueBackend>;
}

/**
 * Opens the database, embedded or given, with its schema up to date. What was started is on the cleanup.
 * @throws DatabaseUnavailableError, DataDirectoryInUseError, EmbeddedPostgresError
 */
export async function openStorage(options: StorageOptions): Promise<Storage> {
  const { redisUrl, dataDir, logger, cleanup, sync = true } = options;
  let databaseUrl = options.databaseUrl;
  if (databaseUrl === null) {
    const server = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), logger, sync });
    cleanup.add('PostgreSQL', () => server.stop());
    databaseUrl = server.url;
  }
  await migrateDatabase(databaseUrl);
  const database = openDatabase({ url: databaseUrl, logger });
  cleanup.add('database connections', () => database.close());
  const url = databaseUrl;
  let queues: Promise<QueueBackend> | null = null;
  return {
    database,
    databaseUrl: url,
    openQueues: () => {
      queues ??= createQueueBackend({
        ...(redisUrl === null ? { databaseUrl: url } : { redisUrl }),
        logger,
      }).then(
        (backend) => {
          cleanup.add('queues', () => backend.close());
          return backend;
        },
        (error: unknown) => {
          // Whoever asks next finds the server back, perhaps.
          queues = null;
          throw error;
        },
      );
      return queues;
    },
  };
}
