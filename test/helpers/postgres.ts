import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type Database, openDatabase } from '../../db/connection.ts';
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

let shared: { server: Promise<EmbeddedPostgres>; users: number; dataDir: string } | undefined;

/** One server per test process, however many helpers ask for it. */
async function acquireServer(): Promise<{ url: string; release(): Promise<void> }> {
  const real = process.env.TEST_DATABASE_URL;
  if (real) return { url: real, release: async () => undefined };
  if (!shared) {
    const dataDir = mkdtempSync(join(tmpdir(), 'breakwater-test-pg-'));
    shared = {
      server: startEmbeddedPostgres({ dataDir: join(dataDir, 'data'), sync: false }),
      users: 0,
      dataDir,
    };
  }
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
      rmSync(mine.dataDir, { recursive: true, force: true });
    },
  };
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
    const name = `breakwater_test_${randomBytes(6).toString('hex')}`;
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
