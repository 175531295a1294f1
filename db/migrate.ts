import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import pg from 'pg';
import { withDatabaseErrors } from './errors.ts';

/** Any constant that nothing else in the database uses; spells "BRKW". */
const MIGRATION_LOCK = 0x42524b57;
const MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url));

/** Names of the migrations in order. */
export function migrationNames(migrationsFolder = MIGRATIONS): readonly string[] {
  const journal = JSON.parse(readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8'));
  return (journal.entries as { tag: string }[]).map(({ tag }) => tag);
}

/**
 * Brings an empty database to the schema that it had after its first `count` migrations; for restoring what an older
 * version wrote. @throws DatabaseUnavailableError
 */
export async function migrateDatabaseTo(url: string, count: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'breakwater-migrations-'));
  try {
    cpSync(MIGRATIONS, folder, { recursive: true });
    const file = join(folder, 'meta/_journal.json');
    const journal = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...journal, entries: journal.entries.slice(0, count) }));
    await migrateDatabase(url, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

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
