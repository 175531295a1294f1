import { afterAll } from 'vitest';
import type { Database } from '../../db/connection.ts';
import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { startTestPostgres } from './postgres.ts';
import { openTestQueues } from './queues.ts';

// Parts for all tests of a file, opened at its top: `const database = await useDatabase()`. They are closed after the
// file's own `afterAll`, the last opened first.

/** A database with the schema, dropped in the end. */
export async function useDatabase(): Promise<Database> {
  const postgres = await startTestPostgres();
  afterAll(() => postgres.stop());
  return postgres.openMigrated();
}

/** The queues beside a database, or on a Redis of this file alone. */
export async function useQueues(databaseUrl: string): Promise<QueueBackend> {
  const backend = await openTestQueues(databaseUrl);
  afterAll(() => backend.close());
  return backend;
}
