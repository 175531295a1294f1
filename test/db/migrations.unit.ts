import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DatabaseUnavailableError } from '../../db/errors.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { query } from '../helpers/sql.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const migrations = join(repository, 'db/migrations');
const count = readdirSync(migrations).filter((name) => name.endsWith('.sql')).length;

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres.stop());

const TABLES = `select string_agg(tablename, ' ' order by tablename) as names from pg_tables where schemaname = 'public'`;
const APPLIED = 'select count(*)::int as n from drizzle.__drizzle_migrations';

describe('migrations', () => {
  it('make the schema from nothing, and change nothing the second time', async () => {
    const url = await postgres.createDatabase();
    await migrateDatabase(url);
    const first = await query(url, TABLES);
    expect(String(first[0]?.names).split(' ')).toEqual(
      expect.arrayContaining([
        'accounts',
        'buffer_schedules',
        'candles',
        'forecasts',
        'idempotency_keys',
        'margin_statuses',
        'outbox',
        'price_snapshots',
      ]),
    );
    await migrateDatabase(url);
    expect(await query(url, TABLES)).toEqual(first);
    expect(await query(url, APPLIED)).toEqual([{ n: count }]);
  });

  it('are applied once by many concurrent starts', async () => {
    const url = await postgres.createDatabase();
    await Promise.all(Array.from({ length: 5 }, () => migrateDatabase(url)));
    expect(await query(url, APPLIED)).toEqual([{ n: count }]);
  });

  it('say database-unavailable when there is no server', async () => {
    const refused = migrateDatabase('postgres://nobody@127.0.0.1:1/none');
    await expect(refused).rejects.toBeInstanceOf(DatabaseUnavailableError);
  });

  it('are complete: generating from the tables adds nothing', () => {
    const work = mkdtempSync(join(tmpdir(), 'breakwater-migrations-'));
    try {
      cpSync(migrations, work, { recursive: true });
      const drizzleKit = join(repository, 'node_modules/drizzle-kit/bin.cjs');
      const args = [
        'generate',
        '--dialect=postgresql',
        '--schema=./db/schema/*.ts',
        `--out=${relative(repository, work)}`,
      ];
      const output = execFileSync(process.execPath, [drizzleKit, ...args], {
        cwd: repository,
        encoding: 'utf8',
      });
      expect(output).toContain('No schema changes');
      expect(readdirSync(work).filter((name) => name.endsWith('.sql'))).toHaveLength(count);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
});
