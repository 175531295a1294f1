import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { type Database, openDatabase } from '../../db/connection.ts';
import { DataDirectoryInUseError, EmbeddedPostgresError } from '../../db/embedded/errors.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../db/embedded.ts';
import { migrateDatabase } from '../../db/migrate.ts';

/** Databases of one test file, on TEST_DATABASE_URL or else on an embedded server of its own. */
export interface TestPostgres {
  /** An empty database. */
  createDatabase(): Promise<string>;
  /** A database with the schema, opened; closed by `stop`. */
  openMigrated(): Promise<Database>;
  stop(): Promise<void>;
}

const CACHE = fileURLToPath(new URL('../../.cache/test-postgres', import.meta.url));
const NAME = 'breakwater_test_';
let shared: { server: Promise<EmbeddedPostgres>; users: number } | undefined;

/**
 * Initialised data directories are kept between runs, for that takes seconds. Test processes that run at once take
 * one each; one that does not start (another version, half-written) is made anew.
 */
async function startOnFreeSlot(): Promise<EmbeddedPostgres> {
  for (let slot = 0; ; slot += 1) {
    const dataDir = join(CACHE, `slot-${slot}`);
    const start = () => startEmbeddedPostgres({ dataDir, sync: false });
    try {
      const server = await start().catch((error) => {
        if (!(error instanceof EmbeddedPostgresError)) throw error;
        rmSync(dataDir, { recursive: true, force: true });
        return start();
      });
      await dropLeftovers(server.url);
      return server;
    } catch (error) {
      if (!(error instanceof DataDirectoryInUseError) || slot === 20) throw error;
    }
  }
}

/** One server per test process, however many helpers ask for it. */
async function acquireServer(): Promise<{ url: string; release(): Promise<void> }> {
  const real = process.env.TEST_DATABASE_URL;
  if (real) return { url: real, release: async () => undefined };
  shared ??= { server: startOnFreeSlot(), users: 0 };
  const mine = shared;
  mine.users += 1;
  const server = await mine.server;
  return {
    url: server.url,
    release: async () => {
      mine.users -= 1;
      if (mine.users > 0) return;
      shared = undefined;
      await server.stop();
    },
  };
}

/** Databases of a test process that was killed. */
async function dropLeftovers(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = await client.query(`select datname from pg_database where datname like '${NAME}%'`);
    for (const { datname } of found.rows) await client.query(`drop database "${datname}" with (force)`);
  } finally {
    await client.end();
  }
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Starts (or joins) the server; call it in beforeAll and `stop` in afterAll. */
export async function startTestPostgres(): Promise<TestPostgres> {
  const server = await acquireServer();
  const created: string[] = [];
  const opened: Database[] = [];
  const createDatabase = async () => {
    const name = `${NAME}${randomBytes(6).toString('hex')}`;
    await administer(server.url, `create database ${name}`);
    created.push(name);
    const url = new URL(server.url);
    url.pathname = `/${name}`;
    return url.href;
  };
  return {
    createDatabase,
    openMigrated: async () => {
      const url = await createDatabase();
      await migrateDatabase(url);
      const database = openDatabase({ url });
      opened.push(database);
      return database;
    },
    stop: async () => {
      await Promise.all(opened.map((database) => database.close()));
      for (const name of created) {
        await administer(server.url, `drop database if exists ${name} with (force)`);
      }
      await server.release();
    },
  };
}
