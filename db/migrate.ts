import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { withDatabaseErrors } from './errors.ts';

/** Any constant that nothing else in the database uses; spells "BRKW". */
const MIGRATION_LOCK = 0x42524b57;
const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/**
 * Brings the schema up to date. Any number of processes may start at once: one applies, the others wait on a
 * session lock of the server (released by the server if the process dies) and find nothing left to do.
 * @throws DatabaseUnavailableError
 */
export async function migrateDatabase(url: string, migrationsFolder = MIGRATIONS): Promise<void> {
  await withDatabaseErrors(async () => {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'breakwater-migrate',
      connectionTimeoutMillis: 10_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await client.query(`set lock_timeout = '120s'`);
      await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
      await migrate(drizzle(client), { migrationsFolder });
    } finally {
      // Ending the session releases the lock, also when the migration failed.
      await client.end();
    }
  });
}
