import pg from 'pg';
import { withDatabaseErrors } from '../errors.ts';
import { migrateDatabase, migrateDatabaseTo, migrationNames } from '../migrate.ts';
import { BackupFileError, type BackupFooter, DatabaseNotEmptyError } from './format.ts';
import { readBackup } from './read-lines.ts';

/**
 * Restores a backup into an empty database and brings it to the present schema. All rows or none: the file is checked
 * to its end before the transaction commits. A backup of an older version is loaded into its own schema first.
 * @returns rows per table. @throws BackupFileError, DatabaseNotEmptyError, DatabaseUnavailableError
 */
export async function restoreDatabase(url: string, file: string): Promise<BackupFooter['rows']> {
  const client = new pg.Client({ connectionString: url, application_name: 'breakwater-restore' });
  client.on('error', () => undefined);
  await withDatabaseErrors(() => client.connect());
  try {
    await refuseNonEmpty(client);
    const footer = await readBackup(file, {
      header: async ({ migrations }) => {
        checkMigrations(file, migrations);
        await migrateDatabaseTo(url, migrations.length);
        await client.query('begin');
      },
      rows: async (table, lines) => {
        const name = client.escapeIdentifier(table);
        await withDatabaseErrors(() =>
          client.query(`insert into ${name} select * from json_populate_recordset(null::${name}, $1::json)`, [
            `[${lines.join(',')}]`,
          ]),
        );
      },
    });
    await continueSequences(client);
    await client.query('commit');
    await migrateDatabase(url);
    return footer.rows;
  } catch (error) {
    if (!(error instanceof DatabaseNotEmptyError)) await empty(client).catch(() => undefined);
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function refuseNonEmpty(client: pg.Client): Promise<void> {
  const found = await client.query(`select tablename from pg_tables where schemaname = 'public' limit 1`);
  if (found.rows[0]) throw new DatabaseNotEmptyError(found.rows[0].tablename);
}

function checkMigrations(file: string, migrations: readonly string[]): void {
  const known = migrationNames();
  const strange = migrations.find((name, index) => known[index] !== name);
  if (strange !== undefined) {
    throw new BackupFileError(
      file,
      `it was written by another version: migration ${strange} is not known here`,
    );
  }
}

/** Takes the schema away again that this restore made, so that the next one finds the database as it was. */
async function empty(client: pg.Client): Promise<void> {
  await client.query('rollback');
  const made = await client.query(`select tablename from pg_tables where schemaname = 'public'`);
  for (const { tablename } of made.rows)
    await client.query(`drop table ${client.escapeIdentifier(tablename)}`);
  await client.query('drop schema if exists drizzle cascade');
}

/** Serial columns go on after the highest value restored. */
async function continueSequences(client: pg.Client): Promise<void> {
  await client.query(
    `select setval(pg_get_serial_sequence('outbox', 'id'), coalesce((select max(id) from outbox), 0) + 1, false)`,
  );
}
