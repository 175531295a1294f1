import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../../db/connection.ts';
import { migrateDatabaseTo } from '../../../db/migrate.ts';
import { createKey, revokeKey } from '../../../db/queries/api-keys.ts';
import { checkDatabase, judgeSpace, openForCheck } from '../../../gateway/doctor/database.ts';
import { checkKeys } from '../../../gateway/doctor/keys.ts';
import { checkQueues, openQueuesForCheck } from '../../../gateway/doctor/queue.ts';
import { Cleanup } from '../../../gateway/runtime/cleanup.ts';
import { enqueue } from '../../../jobs/enqueue.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { startWorkers } from '../../../jobs/runtime.ts';
import { schedule } from '../../../jobs/schedule.ts';
import { retention } from '../../../jobs/tasks/retention.ts';
import { webhookDeliver } from '../../../jobs/tasks/webhook-deliver.ts';
import { webhookSweep } from '../../../jobs/tasks/webhook-sweep.ts';
import { startTestPostgres, type TestPostgres } from '../../helpers/postgres.ts';
import { openTestQueues } from '../../helpers/queues.ts';
import { until } from '../../helpers/until.ts';

const NOBODY = 'postgres://nobody:secret@127.0.0.1:1/none';
const DAY = 86_400_000;
let postgres: TestPostgres;
const cleanup = new Cleanup();
const directory = mkdtempSync(join(tmpdir(), 'breakwater-doctor-'));
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(async () => {
  await cleanup.run(() => undefined);
  rmSync(directory, { recursive: true, force: true });
  await postgres.stop();
});

const verdicts = (findings: readonly { subject: string; verdict: string }[]) =>
  Object.fromEntries(findings.map(({ subject, verdict }) => [subject, verdict]));

describe('database', () => {
  test('in order', async () => {
    const findings = await checkDatabase(await postgres.openMigrated(), directory);
    expect(verdicts(findings)).toMatchObject({ server: 'ok', migrations: 'ok', connections: 'ok' });
    expect(findings.map(({ subject }) => subject)).toContain('free space');
  });

  test('empty, half migrated, and of a newer version', async () => {
    const url = await postgres.createDatabase();
    const database = openDatabase({ url });
    const migrations = async () =>
      (await checkDatabase(database, null)).find(({ subject }) => subject === 'migrations')!;
    expect((await migrations()).detail).toMatch(/^0 of \d+ are applied$/);
    await migrateDatabaseTo(url, 2);
    expect(await migrations()).toMatchObject({ verdict: 'warning' });
    expect((await migrations()).detail).toMatch(/^2 of/);
    await database.pool.query(
      `insert into drizzle.__drizzle_migrations (hash, created_at) select 'x', 1 from generate_series(1, 1000)`,
    );
    expect(await migrations()).toMatchObject({ verdict: 'failed' });
    await database.close();
  });

  test('a server that does not answer', async () => {
    const { database } = await openForCheck({ databaseUrl: NOBODY, dataDir: directory }, cleanup);
    const findings = await checkDatabase(database!, null);
    expect(findings).toMatchObject([{ subject: 'server', verdict: 'failed' }]);
    expect(findings[0]!.detail).not.toContain('secret');
  });

  test('an embedded server that was never started is not made', async () => {
    const dataDir = join(directory, 'never');
    const { database, findings } = await openForCheck({ databaseUrl: null, dataDir }, cleanup);
    expect(database).toBeNull();
    expect(findings).toMatchObject([{ subject: 'embedded PostgreSQL', verdict: 'warning' }]);
  });

  test.each([
    [100, 200, 'ok'],
    [5, 100, 'warning'],
    [1, 4, 'warning'],
    [0.2, 100, 'failed'],
  ])('%d GiB of %d: %s', (free, all, verdict) => {
    expect(judgeSpace(free * 2 ** 30, all * 2 ** 30).verdict).toBe(verdict);
  });
});

describe('keys', () => {
  const config = { apiKeys: [], requireKeys: false, host: '127.0.0.1', metricsKeyHash: null };
  const now = Date.now();
  const add = (database: Database, id: string, over: object) =>
    createKey(
      database,
      {
        id,
        hash: createHash('sha256').update(randomBytes(8)).digest('hex'),
        protocol: 'venue',
        name: id,
        scopes: ['read'],
        expiresAtMs: now + 90 * DAY,
        ...over,
      },
      'cli',
    );

  test('none is right on this machine only', async () => {
    expect(await checkKeys(config, null, now)).toMatchObject([{ verdict: 'ok' }]);
    expect(await checkKeys({ ...config, host: '0.0.0.0' }, null, now)).toMatchObject([{ verdict: 'failed' }]);
    expect(verdicts(await checkKeys({ ...config, requireKeys: true }, null, now))).toEqual({
      'API keys': 'failed',
      'metrics key': 'warning',
    });
  });

  test('scopes and expiry of each, hashes of none', async () => {
    const database = await postgres.openMigrated();
    await add(database, 'bw_good', {});
    await add(database, 'bw_soon', { expiresAtMs: now + 3 * DAY });
    await add(database, 'bw_odd', { scopes: ['read', 'fly'] });
    await add(database, 'bw_none', { scopes: [] });
    await add(database, 'bw_ever', { expiresAtMs: null });
    await add(database, 'bw_gone', {});
    await revokeKey(database, { protocol: null, id: 'bw_gone' }, 'cli');
    const findings = await checkKeys({ ...config, metricsKeyHash: 'ab'.repeat(32) }, database, now);
    expect(verdicts(findings)).toEqual({
      'API keys': 'ok',
      'bw_good of venue': 'ok',
      'bw_soon of venue': 'warning',
      'bw_odd of venue': 'failed',
      'bw_none of venue': 'warning',
      'bw_ever of venue': 'ok',
    });
    expect(JSON.stringify(findings)).not.toMatch(/[0-9a-f]{64}/);
    const later = await checkKeys(config, database, now + 400 * DAY);
    expect(verdicts(later)).toMatchObject({ 'bw_ever of venue': 'warning' });
    expect(later.map(({ subject }) => subject)).not.toContain('bw_good of venue');
  });
});

describe('queue', () => {
  test('nothing to look at: no database, no worker yet, no Redis', async () => {
    const fresh = await postgres.openMigrated();
    expect((await openQueuesForCheck(null, null, cleanup)).findings).toMatchObject([{ verdict: 'warning' }]);
    expect((await openQueuesForCheck(null, fresh, cleanup)).findings).toMatchObject([
      { verdict: 'warning', detail: 'no worker has run on this database yet' },
    ]);
    const { rows } = await fresh.pool.query(`select to_regnamespace('bullmq') as present`);
    expect(rows).toEqual([{ present: null }]);
    const away = await openQueuesForCheck('redis://:secret@127.0.0.1:1', fresh, cleanup);
    expect(away.findings).toMatchObject([{ verdict: 'failed' }]);
    expect(JSON.stringify(away.findings)).not.toContain('secret');
  });

  test('in order; then a job that waits, one that hangs, a schedule nobody runs, and a dead letter', async () => {
    const database = await postgres.openMigrated();
    const backend: QueueBackend = await openTestQueues(database.url);
    const hang = new AbortController();
    const workers = await startWorkers({
      backend,
      drainMs: 1,
      tasks: [
        {
          task: webhookSweep as never,
          run: () => new Promise((resolve) => hang.signal.addEventListener('abort', () => resolve(null))),
        },
        {
          task: webhookDeliver as never,
          run: async () => {
            throw new TypeError('a defect');
          },
        },
      ],
      schedules: [schedule(retention, 60_000, {})],
    });
    expect(verdicts(await checkQueues(backend, Date.now()))).toEqual({
      queues: 'ok',
      jobs: 'ok',
      'dead letters': 'ok',
    });
    const stuck = await enqueue(backend, webhookSweep, {});
    await enqueue(backend, webhookDeliver, { delivery: 'msg_1', round: 0 });
    const seen = await until('the jobs to run', async () => {
      const found = verdicts(await checkQueues(backend, Date.now() + 3_600_000));
      return found[`job ${stuck} of webhook-sweep`] && found['dead letters of webhook-deliver']
        ? found
        : null;
    });
    expect(seen).toMatchObject({
      queues: 'ok',
      [`job ${stuck} of webhook-sweep`]: 'failed',
      'dead letters of webhook-deliver': 'warning',
    });
    // The first run of a schedule is there at once, and no worker takes it.
    const late = Object.entries(seen).filter(([subject]) => /^(queue|schedule) retention$/.test(subject));
    expect(late.map(([, verdict]) => verdict)).toContain('failed');
    hang.abort();
    await workers.stop();
    await backend.close();
  });
});
