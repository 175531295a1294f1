import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../db/connection.ts';
import { DataDirectoryInUseError } from '../../db/embedded/errors.ts';
import { isServerOf, postmasterPid } from '../../db/embedded/lock.ts';
import { commandOf, hasProc, isAlive, startTicksOf } from '../../db/embedded/processes.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../db/embedded.ts';
import type { DatabaseUnavailableError } from '../../db/errors.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { getAccount } from '../../db/queries/accounts.ts';
import { putPositions } from '../../db/queries/put-positions.ts';
import { until } from '../helpers/until.ts';

const root = mkdtempSync(join(tmpdir(), 'breakwater-embedded-'));
const dataDir = join(root, 'data');
const cluster = join(dataDir, 'cluster');
const servers: EmbeddedPostgres[] = [];
const children: ChildProcess[] = [];

// Only a test that kills the server needs what is written to be on the disk.
const start = async (sync = false) => {
  const server = await startEmbeddedPostgres({ dataDir, sync });
  servers.push(server);
  return server;
};
const serverRuns = () => {
  const pid = postmasterPid(cluster);
  return pid !== null && isServerOf(pid, cluster);
};
const holder = async (group: boolean) => {
  const script = fileURLToPath(new URL('../helpers/hold-postgres.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: group,
  });
  children.push(child);
  let output = '';
  child.stdout!.on('data', (chunk) => {
    output += chunk;
  });
  await until('the holder has started', () => output.includes('\n'));
  return { child, output: () => output, ...(JSON.parse(output) as { url: string; pid: number }) };
};

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const put = (sequence: number) => ({
  protocol: 'alpha',
  account: `a-${sequence % 7}`,
  sequence: BigInt(sequence),
  cashWad: BigInt(sequence) * 10n ** 18n,
  positions: [],
  marketTimeMs: 1_700_000_000_000,
});

describe('embedded PostgreSQL', () => {
  it('initialises once, keeps its data between starts and listens on loopback only', async () => {
    const first = await start();
    await migrateDatabase(first.url);
    const database = openDatabase({ url: first.url });
    await putPositions(database, put(1));
    const listening = await database.pool.query(
      `select current_setting('listen_addresses') as at, version()`,
    );
    expect(listening.rows[0].at).toBe('127.0.0.1');
    expect(listening.rows[0].version).toMatch(/^PostgreSQL 18/);
    await database.close();
    await first.stop();
    expect(serverRuns()).toBe(false);

    const again = openDatabase({ url: (await start()).url });
    expect((await getAccount(again.orm, 'alpha', 'a-1'))?.cashWad).toBe(10n ** 18n);
    await again.close();
  });

  it('refuses a wrong password', async () => {
    const url = new URL((await start()).url);
    url.password = 'guess';
    const client = new pg.Client({ connectionString: url.href });
    await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  });

  it('refuses a second start on the directory, naming the process that holds it', async () => {
    await start();
    const refused = await startEmbeddedPostgres({ dataDir }).catch((error) => error);
    expect(refused).toBeInstanceOf(DataDirectoryInUseError);
    expect(refused.pid).toBe(process.pid);
    expect(refused.message).toContain(`process ${process.pid}`);
    expect(serverRuns()).toBe(true);
  });

  it('starts although the lock file of a dead server carries the number of a living stranger', async () => {
    await (await start()).stop();
    writeFileSync(
      join(cluster, 'postmaster.pid'),
      [
        process.pid,
        cluster,
        1_700_000_000,
        5432,
        '',
        '127.0.0.1',
        '        1         2',
        'ready   ',
        '',
      ].join('\n'),
    );
    writeFileSync(
      join(dataDir, 'owner.json'),
      JSON.stringify({ pid: process.pid, startTicks: 'another life' }),
    );
    await start();
    expect(serverRuns()).toBe(true);
  });

  it.runIf(hasProc)(
    'takes the directory over from an owner that is dead and was not yet waited for',
    async () => {
      // The shell becomes a program that waits for no children, before its own has ended.
      const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 600'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      children.push(parent);
      let printed = '';
      parent.stdout.on('data', (chunk) => {
        printed += chunk;
      });
      await until('the child has ended', () => printed.includes('\n') && commandOf(Number(printed)) === '');
      const pid = Number(printed);
      expect(isAlive(pid)).toBe(true);
      mkdirSync(dataDir, { recursive: true });
      writeFileSync(join(dataDir, 'owner.json'), JSON.stringify({ pid, startTicks: startTicksOf(pid) }));
      await start();
      expect(serverRuns()).toBe(true);
    },
  );

  it('kill -9 of the server in mid-write: comes back on its port by itself with every acknowledged row', async () => {
    const server = await start(true);
    await migrateDatabase(server.url);
    const database = openDatabase({ url: server.url });
    const acknowledged: number[] = [];
    const refused: unknown[] = [];
    let sequence = 100;
    let writing = true;
    const writer = async () => {
      while (writing) {
        const mine = sequence++;
        await putPositions(database, put(mine)).then(
          () => acknowledged.push(mine),
          (error) => refused.push(error),
        );
      }
    };
    const writers = [writer(), writer(), writer()];
    await until('rows are written', () => acknowledged.length > 50);
    const killed = postmasterPid(cluster)!;
    process.kill(killed, 'SIGKILL');
    const before = acknowledged.length;
    await until('writes succeed again', () => acknowledged.length > before + 50).finally(() => {
      writing = false;
    });
    await Promise.all(writers);
    await until(
      'every connection is back in the pool',
      () => database.pool.idleCount === database.pool.totalCount,
    );

    expect(postmasterPid(cluster)).not.toBe(killed);
    expect(refused.length).toBeGreaterThan(0);
    for (const error of refused) {
      const type = (error as DatabaseUnavailableError).type;
      expect(['database-unavailable', 'sequence-conflict']).toContain(type);
    }
    for (let account = 0; account < 7; account += 1) {
      const highest = Math.max(...acknowledged.filter((n) => n % 7 === account));
      const stored = await getAccount(database.orm, 'alpha', `a-${account}`);
      expect(stored!.sequence).toBeGreaterThanOrEqual(BigInt(highest));
      expect(stored!.cashWad).toBe(stored!.sequence * 10n ** 18n);
    }
    await database.close();
  });

  it('kill -9 of the parent leaves no server, and the next start finds the data', async () => {
    const { pid } = await holder(false);
    expect(serverRuns()).toBe(true);
    const postmaster = postmasterPid(cluster)!;
    process.kill(pid, 'SIGKILL');
    await until('the server has gone', () => !isServerOf(postmaster, cluster));
    const database = openDatabase({ url: (await start()).url });
    expect(await getAccount(database.orm, 'alpha', 'a-1')).not.toBeNull();
    await database.close();
  });

  it('Ctrl-C, which signals the whole group, leaves the server up until its parent stops it', async () => {
    const { child, pid, output } = await holder(true);
    const postmaster = postmasterPid(cluster)!;
    process.kill(-pid, 'SIGINT');
    const upAfterSignal = isServerOf(postmaster, cluster);
    await until('the holder has ended', () => child.exitCode !== null);
    expect(upAfterSignal).toBe(true);
    expect(output()).toContain('stopped');
    expect(child.exitCode).toBe(0);
    expect(isServerOf(postmaster, cluster)).toBe(false);
  });
});
