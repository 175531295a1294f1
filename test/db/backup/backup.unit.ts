import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { backupDatabase } from '../../../db/backup/backup.ts';
import { BackupFileError, DatabaseNotEmptyError } from '../../../db/backup/format.ts';
import { restoreDatabase } from '../../../db/backup/restore.ts';
import { backupTables } from '../../../db/backup/tables.ts';
import { type Database, openDatabase } from '../../../db/connection.ts';
import { migrationNames } from '../../../db/migrate.ts';
import { getAccount, listAccounts } from '../../../db/queries/accounts.ts';
import { readCandles, upsertCandles } from '../../../db/queries/candles.ts';
import { insertForecasts } from '../../../db/queries/forecasts.ts';
import { insertPriceSnapshots, priceSnapshotAt } from '../../../db/queries/price-snapshots.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { storeMarginStatuses } from '../../../db/queries/store-margin.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { content, query } from '../../helpers/sql.ts';
import { until } from '../../helpers/until.ts';

const T0 = Date.UTC(2024, 0, 1);
const work = mkdtempSync(join(tmpdir(), 'breakwater-backup-'));
let postgres: TestPostgres;
let database: Database;
beforeAll(async () => {
  postgres = await startTestPostgres();
  database = await postgres.openMigrated();
});
afterAll(async () => {
  rmSync(work, { recursive: true, force: true });
  await postgres.stop();
});

const put = (db: Database, account: string, sequence: number) =>
  putPositions(db, {
    protocol: 'alpha',
    account,
    sequence: BigInt(sequence),
    cashWad: -(2n ** 250n) + BigInt(sequence),
    positions: [
      { kind: 'collateral', id: 'line\u2028 break\n"quoted" \\ ✓', asset: 'ETH', amountWad: 3n, chain: null },
    ],
    marketTimeMs: T0,
    idempotencyKey: `${account}-${sequence}`,
  });

describe('backup and restore', () => {
  it('brings every table back exactly, and numbering goes on', async () => {
    for (let i = 0; i < 12; i += 1) await put(database, `acc-${i}`, 1);
    await upsertCandles(
      database.orm,
      'BTC',
      Array.from({ length: 1_700 }, (_, i) => ({
        tsMs: T0 + i * 3_600_000,
        open: Math.PI * 10 ** ((i % 40) - 20),
        high: 0.1 + 0.2,
        low: Number.MIN_VALUE,
        close: Number.MAX_SAFE_INTEGER + 2,
        volume: 1e300,
      })),
    );
    await insertPriceSnapshots(database.orm, [
      {
        feed: 'BTC-USD',
        asOfMs: T0 + 123,
        bucketMs: T0,
        base: 'BTC',
        quoteAsset: 'USD',
        priceWad: 10n ** 77n,
        confidenceWad: null,
        market: null,
        verdicts: { open: { usable: false, reasons: [{ code: 'quorum-not-met', message: 'ä' }] } },
        votes: [{ priceWad: 2n ** 255n }],
        memory: { lastGood: { priceWad: 2n ** 255n, atMs: 1 } },
        configHash: '0x',
      },
    ]);
    await insertForecasts(database.orm, [
      {
        asset: 'BTC',
        horizonHours: 24,
        asOfMs: T0,
        model: 'logHAR',
        version: '1',
        body: { quantiles: [1e-9] },
      },
    ]);
    await database.transaction((tx) =>
      storeMarginStatuses(tx, [
        {
          protocol: 'alpha',
          account: 'acc-1',
          asOfMs: T0,
          sequence: 1n,
          status: 'warned',
          equityWad: -1n,
          initialWad: 2n,
          maintenanceWad: 1n,
          body: {},
        },
      ]),
    );
    const file = join(work, 'whole.gz');
    const rows = await backupDatabase(database.url, file);
    expect(rows).toMatchObject({
      accounts: 12,
      idempotency_keys: 12,
      outbox: 13,
      candles: 1_700,
      price_hours: 0,
    });

    const url = await postgres.createDatabase();
    expect(await restoreDatabase(url, file)).toEqual(rows);
    expect(await content(url)).toEqual(await content(database.url));
    const restored = openDatabase({ url });
    for (const at of ['acc-0', 'acc-11']) {
      expect(await getAccount(restored.orm, 'alpha', at)).toEqual(
        await getAccount(database.orm, 'alpha', at),
      );
    }
    expect(await readCandles(restored.orm, 'BTC')).toEqual(await readCandles(database.orm, 'BTC'));
    const snapshot = await priceSnapshotAt(restored.orm, 'BTC-USD', T0 + 1_000);
    expect(snapshot).toEqual(await priceSnapshotAt(database.orm, 'BTC-USD', T0 + 1_000));
    expect((await put(restored, 'acc-1', 1)).replayed).toBe(true);
    await put(restored, 'acc-1', 2);
    expect(await query(url, 'select max(id)::int as id from outbox')).toEqual([{ id: 14 }]);
    await restored.close();
  });

  it('is of one moment, although writes go on', async () => {
    const busy = await postgres.openMigrated();
    let writing = true;
    const writers = [0, 1, 2].map(async (writer) => {
      for (let sequence = 1; writing; sequence += 1) await put(busy, `w-${writer}`, sequence);
    });
    const file = join(work, 'busy.gz');
    await until(
      'writes flow',
      async () => ((await getAccount(busy.orm, 'alpha', 'w-0'))?.sequence ?? 0n) > 5n,
    );
    await backupDatabase(busy.url, file);
    writing = false;
    await Promise.all(writers);
    const url = await postgres.createDatabase();
    await restoreDatabase(url, file);
    // Each write raises the sequence by one and leaves one effect: a mix of moments would not add up.
    const sums = await query(
      url,
      `select (select sum(sequence) from accounts)::int as sequences, (select count(*) from outbox)::int as effects,
              (select count(*) from idempotency_keys)::int as keys`,
    );
    const { sequences, effects, keys } = sums[0]!;
    expect(sequences).toBeGreaterThan(5);
    expect([effects, keys]).toEqual([sequences, sequences]);
  });

  it.each([
    [
      'cut off in the middle',
      (bytes: Buffer) => bytes.subarray(0, bytes.length / 2),
      /unexpected end|cut off/,
    ],
    ['without its end', (bytes: Buffer) => edit(bytes, (lines) => lines.slice(0, -1)), /end mark is missing/],
    [
      'with a changed row',
      (bytes: Buffer) => edit(bytes, (lines) => lines.map((l) => l.replace('acc-7', 'acc-x'))),
      /hash/,
    ],
    ['of another program', () => gzipSync('hello\n'), /not a backup/],
    ['that is no gzip', () => Buffer.from('hello'), /incorrect header/],
  ])('refuses a file %s and leaves the database empty', async (_name, damage, why) => {
    const file = join(work, 'damaged.gz');
    writeFileSync(file, damage(readFileSync(join(work, 'whole.gz'))));
    const url = await postgres.createDatabase();
    const refused = await restoreDatabase(url, file).catch((error) => error);
    expect(refused).toBeInstanceOf(BackupFileError);
    expect(refused.message).toMatch(why);
    expect(
      await query(url, `select tablename from pg_tables where schemaname in ('public', 'drizzle')`),
    ).toEqual([]);
    await restoreDatabase(url, join(work, 'whole.gz'));
  });

  it('refuses a database that holds something, and a file of an unknown version', async () => {
    const whole = join(work, 'whole.gz');
    await expect(restoreDatabase(database.url, whole)).rejects.toBeInstanceOf(DatabaseNotEmptyError);
    expect((await listAccounts(database.orm)).accounts).toHaveLength(12);
    const file = join(work, 'future.gz');
    const rename = (lines: string[]) =>
      lines.map((l, i) => (i ? l : l.replace(migrationNames()[0]!, '0000_other')));
    writeFileSync(file, edit(readFileSync(whole), rename));
    const refused = restoreDatabase(await postgres.createDatabase(), file);
    await expect(refused).rejects.toThrow('migration 0000_other is not known here');
  });

  it('leaves no half-written file', async () => {
    await expect(backupDatabase('postgres://x@127.0.0.1:1/x', join(work, 'never.gz'))).rejects.toMatchObject({
      type: 'database-unavailable',
    });
    expect(readdirSync(work).filter((name) => name.includes('never'))).toEqual([]);
  });

  it('knows every table', async () => {
    const tables = await query(
      database.url,
      `select tablename from pg_tables where schemaname = 'public' order by 1`,
    );
    expect(backupTables().toSorted()).toEqual(tables.map(({ tablename }) => tablename));
  });

  it('works from the command line', async () => {
    const script = fileURLToPath(new URL('../../../db/backup/main.ts', import.meta.url));
    const run = promisify(execFile);
    const file = join(work, 'line.gz');
    const command = (args: string[], url: string) =>
      run(process.execPath, ['--import', 'tsx', script, ...args], {
        env: { ...process.env, DATABASE_URL: url },
      });
    const saved = JSON.parse((await command(['backup', file], database.url)).stdout);
    const restored = await command(['restore', file], await postgres.createDatabase());
    expect(JSON.parse(restored.stdout).rows).toEqual(saved.rows);
    const refused = await command(['restore', file], database.url).catch((error) => error);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/^database-not-empty: /)]);
  });
});

function edit(bytes: Buffer, change: (lines: string[]) => string[]): Buffer {
  const lines = gunzipSync(bytes).toString('utf8').trimEnd().split('\n');
  return gzipSync(`${change(lines).join('\n')}\n`);
}
