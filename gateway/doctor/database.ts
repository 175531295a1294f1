import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { type Database, openDatabase } from '../../db/connection.ts';
import { CLUSTER } from '../../db/embedded/cluster.ts';
import { migrationNames } from '../../db/migrate.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import { openEmbedded } from '../cli/open-database.ts';
import type { GatewayConfig } from '../config/env.ts';
import type { Cleanup } from '../runtime/cleanup.ts';
import { type Finding, findingsOf, inSeconds } from './finding.ts';

const { ok, warning, failed } = findingsOf('database');
const GIB = 2 ** 30;

/** Below these the server may soon refuse writes. */
const FREE_WARNING = { bytes: 2 * GIB, share: 0.1 };
const FREE_FAILED_BYTES = GIB / 4;

/**
 * Opens the deployment's database and changes nothing in it. The embedded server is started for the while when it does
 * not run; one that was never initialised is left so. Null when there is nothing to open.
 */
export async function openForCheck(
  config: Pick<GatewayConfig, 'databaseUrl' | 'dataDir'>,
  cleanup: Cleanup,
): Promise<{ readonly database: Database | null; readonly findings: readonly Finding[] }> {
  let url = config.databaseUrl;
  try {
    if (url === null) {
      const dataDir = join(config.dataDir, 'postgres');
      if (!existsSync(join(dataDir, CLUSTER))) {
        const detail = `there is none in ${config.dataDir} yet`;
        return {
          database: null,
          findings: [
            warning(
              'embedded PostgreSQL',
              detail,
              'nothing, if nothing was started yet: the first start makes it',
            ),
          ],
        };
      }
      const server = await openEmbedded(dataDir);
      cleanup.add('PostgreSQL', () => server.stop());
      url = server.url;
    }
    const database = openDatabase({ url, maxConnections: 2, statementTimeoutMs: 10_000 });
    cleanup.add('database connections', () => database.close());
    return { database, findings: [] };
  } catch (error) {
    if (!(error instanceof BreakwaterError)) throw error;
    return { database: null, findings: [failed('server', error.message, 'see docs/storage.md')] };
  }
}

/** Reachable, of this version's schema, with connections and space left. */
export async function checkDatabase(database: Database, dataDir: string | null): Promise<readonly Finding[]> {
  const started = performance.now();
  try {
    const { rows } = await database.pool.query<{
      version: string;
      bytes: string;
      used: number;
      most: number;
    }>(
      `select current_setting('server_version') as version, pg_database_size(current_database())::text as bytes,
        (select count(*)::int from pg_stat_activity where backend_type = 'client backend') as used,
        current_setting('max_connections')::int as most`,
    );
    const took = inSeconds(performance.now() - started);
    const { version, bytes, used, most } = rows[0]!;
    const findings = [
      ok('server', `PostgreSQL ${version} answered in ${took}, ${gib(Number(bytes))} stored`),
    ];
    findings.push(await migrations(database));
    const connections = `${used} of ${most} in use`;
    findings.push(
      used > 0.8 * most
        ? warning('connections', connections, 'raise max_connections, or run fewer processes')
        : ok('connections', connections),
    );
    findings.push(dataDir === null ? unknownSpace() : await freeSpace(dataDir));
    return findings;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [
      failed('server', `does not answer: ${why}`, 'check DATABASE_URL, the server and the network to it'),
    ];
  }
}

async function migrations(database: Database): Promise<Finding> {
  const known = migrationNames().length;
  const { rows: found } = await database.pool.query(
    `select to_regclass('drizzle.__drizzle_migrations') as present`,
  );
  const rows = found[0]?.present
    ? (
        await database.pool.query<{ n: number }>(
          'select count(*)::int as n from drizzle.__drizzle_migrations',
        )
      ).rows
    : [{ n: 0 }];
  const applied = rows[0]!.n;
  if (applied === known) return ok('migrations', `all ${known} are applied`);
  if (applied < known) {
    return warning(
      'migrations',
      `${applied} of ${known} are applied`,
      'the next start applies the rest; back up first',
    );
  }
  const action = 'run the version that wrote it; an older one must not write to it';
  return failed('migrations', `${applied} are applied, this version knows ${known}`, action);
}

const gib = (bytes: number) =>
  bytes < GIB ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / GIB).toFixed(1)} GiB`;

const unknownSpace = () =>
  ok('free space', 'is not known here: the server is another machine’s or process’s');

/** Judges what is left of a file system. */
export function judgeSpace(freeBytes: number, allBytes: number): Finding {
  const share = allBytes === 0 ? 0 : freeBytes / allBytes;
  const detail = `${gib(freeBytes)} (${Math.round(100 * share)}%) of ${gib(allBytes)}`;
  const action = 'make room or enlarge the volume; docs/storage.md says what retention keeps';
  if (freeBytes < FREE_FAILED_BYTES) return failed('free space', detail, action);
  if (freeBytes < FREE_WARNING.bytes || share < FREE_WARNING.share)
    return warning('free space', detail, action);
  return ok('free space', detail);
}

async function freeSpace(dataDir: string): Promise<Finding> {
  const { bavail, blocks, bsize } = await statfs(dataDir);
  return judgeSpace(bavail * bsize, blocks * bsize);
}
