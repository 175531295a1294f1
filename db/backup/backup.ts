import { createHash } from 'node:crypto';
import { createWriteStream, renameSync, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import pg from 'pg';
import { withDatabaseErrors } from '../errors.ts';
import { migrationNames } from '../migrate.ts';
import { type BackupFooter, FORMAT, footerLine, tableLine, VERSION } from './format.ts';
import { backupTables } from './tables.ts';

const PAGE = 1_000;

/**
 * Writes every table as of one moment to a file, while the database is in use. The file appears under its name only
 * when it is complete. Queues are not in it: they are rebuilt from the outbox and the schedules.
 * @returns rows per table. @throws DatabaseUnavailableError
 */
export async function backupDatabase(url: string, file: string): Promise<BackupFooter['rows']> {
  const client = new pg.Client({ connectionString: url, application_name: 'breakwater-backup' });
  client.on('error', () => undefined);
  const half = `${file}.part`;
  const rows: Record<string, number> = {};
  try {
    await withDatabaseErrors(() => client.connect());
    await client.query('begin transaction isolation level repeatable read read only');
    const lines = withFooter(exportLines(client, rows), rows);
    await withDatabaseErrors(() =>
      pipeline(Readable.from(lines), createGzip(), createWriteStream(half, { mode: 0o600 })),
    );
    renameSync(half, file);
    return rows;
  } finally {
    rmSync(half, { force: true });
    await client.end().catch(() => undefined);
  }
}

async function* exportLines(client: pg.Client, rows: Record<string, number>): AsyncGenerator<string> {
  const applied = await client.query('select count(*)::int as n from drizzle.__drizzle_migrations');
  yield JSON.stringify({
    format: FORMAT,
    version: VERSION,
    createdAt: new Date().toISOString(),
    migrations: migrationNames().slice(0, applied.rows[0].n),
  });
  // A database that is about to be upgraded does not have the newest tables yet.
  const present = await client.query(`select tablename from pg_tables where schemaname = 'public'`);
  const names = new Set(present.rows.map(({ tablename }) => tablename));
  for (const table of backupTables().filter((known) => names.has(known))) {
    const name = client.escapeIdentifier(table);
    rows[table] = 0;
    yield tableLine(table);
    await client.query(
      `declare export no scroll cursor for select row_to_json(t)::text as line from ${name} t`,
    );
    for (;;) {
      const page = await client.query<{ line: string }>(`fetch ${PAGE} from export`);
      for (const { line } of page.rows) yield line;
      rows[table] += page.rows.length;
      if (page.rows.length < PAGE) break;
    }
    await client.query('close export');
  }
}

async function* withFooter(
  lines: AsyncGenerator<string>,
  rows: Record<string, number>,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  for await (const line of lines) {
    hash.update(`${line}\n`);
    yield `${line}\n`;
  }
  yield `${footerLine({ rows, sha256: hash.digest('hex') })}\n`;
}
