import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupDatabase } from '../../db/backup/backup.ts';
import { restoreDatabase } from '../../db/backup/restore.ts';
import { openDatabase } from '../../db/connection.ts';
import { migrateDatabase, migrateDatabaseTo, migrationNames } from '../../db/migrate.ts';
import { getAccount } from '../../db/queries/accounts.ts';
import { loadBufferSchedules } from '../../db/queries/buffer-schedules.ts';
import { bookAt } from '../../db/queries/position-history.ts';
import { putPositions } from '../../db/queries/put-positions.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { content, query } from '../helpers/sql.ts';

const T0 = Date.UTC(2024, 0, 1);
const work = mkdtempSync(join(tmpdir(), 'breakwater-upgrade-'));
let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await postgres.stop();
});

const newer = {
  protocol: 'alpha',
  account: 'old',
  sequence: 8n,
  cashWad: 1n,
  positions: [],
  marketTimeMs: T0,
};

describe('upgrade', () => {
  /** What the first version wrote, in its own tables. */
  const FIRST = [
    `insert into accounts values ('alpha', 'old', 7, 1500000000000000000,
       '[{"kind":"collateral","id":"c","asset":"ETH","amountWad":{"$wad":"3"},"chain":null}]', 'x', '2024-01-01', '2024-01-01')`,
    `insert into buffer_schedules values ('BTC', 24, '2024-01-01', '{"factor": 1.5}')`,
  ];

  it('serves what the schema of the first migration held, in place and from a backup', async () => {
    const url = await postgres.createDatabase();
    await migrateDatabaseTo(url, 1);
    for (const statement of FIRST) await query(url, statement);
    const file = join(work, 'first.gz');
    await backupDatabase(url, file);
    await migrateDatabase(url);
    const elsewhere = await postgres.createDatabase();
    await restoreDatabase(elsewhere, file);
    expect(await content(elsewhere)).toEqual(await content(url));

    for (const at of [url, elsewhere]) {
      const upgraded = openDatabase({ url: at });
      expect(await getAccount(upgraded.orm, 'alpha', 'old')).toMatchObject({
        sequence: 7n,
        cashWad: 1_500_000_000_000_000_000n,
        positions: [{ amountWad: 3n }],
      });
      expect(await loadBufferSchedules(upgraded.orm)).toEqual([
        { asset: 'BTC', horizonHours: 24, key: '', updatedAtMs: T0, schedule: { factor: 1.5 } },
      ]);
      expect((await putPositions(upgraded, newer)).ack.changed).toBe(true);
      await upgraded.close();
    }
  });

  /** Every schema that there was, the present one included. */
  const VERSIONS = migrationNames().map((name, index) => [name, index + 1] as const);

  it.each(VERSIONS)('serves what the schema up to %s held, in place and from a backup', async (_, count) => {
    const url = await postgres.createDatabase();
    await migrateDatabaseTo(url, count);
    await query(url, FIRST[0]!);
    const file = join(work, `after-${count}.gz`);
    await backupDatabase(url, file);
    await migrateDatabase(url);
    const elsewhere = await postgres.createDatabase();
    await restoreDatabase(elsewhere, file);
    expect(await content(elsewhere)).toEqual(await content(url));
    expect(await query(elsewhere, 'select count(*)::int as n from drizzle.__drizzle_migrations')).toEqual([
      { n: VERSIONS.length },
    ]);
    const upgraded = openDatabase({ url: elsewhere });
    try {
      expect(await getAccount(upgraded.orm, 'alpha', 'old')).toMatchObject({ sequence: 7n });
      expect((await putPositions(upgraded, newer)).ack.changed).toBe(true);
      const found = await bookAt(upgraded.orm, 'alpha', 'old', T0);
      expect(found).toMatchObject({ book: { sequence: 8n, cashWad: 1n } });
    } finally {
      await upgraded.close();
    }
  });
});
