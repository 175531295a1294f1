import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findBinaries } from '../../db/embedded/binaries.ts';
import { ensureCluster, ensurePassword, prepareDirectory, SUPERUSER } from '../../db/embedded/cluster.ts';
import { serverIdentity } from '../../db/embedded/identity.ts';
import { clearStaleLock, freePort } from '../../db/embedded/server.ts';
import { silentLogger } from '../../db/logger.ts';
import { createProgram } from './program.ts';
import type { Server } from './server.ts';
import { waitFor } from './wait.ts';

const DATABASE = 'breakwater';

export interface PostgresServer extends Server {
  /** Connection string by way of a port, that of the server or of a proxy before it. */
  urlAt(port: number): string;
  /** One statement over a connection of its own. */
  query<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
}

/**
 * A PostgreSQL server of the embedded package as a process of its own: nobody starts it again but `start`, on the same
 * directory and port. It writes through to the disk as in production.
 */
export async function startPostgres(dataDir: string, logFile: string): Promise<PostgresServer> {
  prepareDirectory(dataDir);
  const directory = realpathSync(dataDir);
  const binaries = await findBinaries();
  const identity = serverIdentity(directory, binaries.postgres);
  const password = ensurePassword(directory);
  const cluster = await ensureCluster(directory, binaries, identity, { sync: true, logger: silentLogger });
  const port = await freePort();
  const settings = [
    ...['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300'],
    ...['recovery_init_sync_method=syncfs', 'max_wal_size=256MB', 'log_line_prefix=%m [%p] '],
  ];
  const user =
    identity.uid === undefined
      ? []
      : ['setpriv', `--reuid=${identity.uid}`, `--regid=${identity.gid}`, '--clear-groups'];
  const program = createProgram({
    name: 'postgres',
    command: [
      ...(identity.prefix.length > 0 ? identity.prefix : user),
      binaries.postgres,
      ...['-D', cluster, '-p', `${port}`],
      ...settings.flatMap((setting) => ['-c', setting]),
    ],
    environment: { LC_ALL: 'C' },
    logFile,
  });
  const urlOf = (at: number, database: string) =>
    `postgres://${SUPERUSER}:${password}@127.0.0.1:${at}/${database}`;
  const ask = async <Row extends pg.QueryResultRow>(
    database: string,
    text: string,
    values: unknown[] = [],
  ) => {
    const client = new pg.Client({ connectionString: urlOf(port, database), connectionTimeoutMillis: 5_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(text, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  };
  const ready = async () => {
    await waitFor(
      'PostgreSQL',
      () =>
        ask('postgres', 'select 1').then(
          () => true,
          () => {
            // A server that does not come up for want of space or of a lock may have ended: try again.
            if (!program.running) program.start();
            return false;
          },
        ),
      60_000,
    );
  };
  const start = async () => {
    if (!program.running) {
      await clearStaleLock(cluster);
      program.start();
    }
    await ready();
  };
  await start();
  const found = await ask('postgres', 'select 1 from pg_database where datname = $1', [DATABASE]);
  if (found.length === 0) await ask('postgres', `create database ${DATABASE}`);
  return {
    name: 'postgres',
    port,
    program,
    start,
    urlAt: (at) => urlOf(at, DATABASE),
    query: (text, values) => ask(DATABASE, text, values),
    dataDir: join(directory),
  };
}
