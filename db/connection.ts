import { drizzle, type NodePgDatabase, type NodePgQueryResultHKT } from 'drizzle-orm/node-postgres';
import type { PgDatabase } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { createAnnouncer } from './announcer.ts';
import { connectionSurvives, withDatabaseErrors } from './errors.ts';
import { type Logger, silentLogger } from './logger.ts';

/** What the query functions take: the database itself or a transaction on it. */
export type Orm = PgDatabase<NodePgQueryResultHKT, Record<string, never>>;

export interface Database {
  readonly url: string;
  readonly pool: pg.Pool;
  /** For single statements; a transaction goes through `transaction`, not through `orm.transaction`. */
  readonly orm: NodePgDatabase;
  /**
   * Runs `work` in one transaction; rolls back when it throws. `opening` takes the place of `begin`: several statements
   * that begin with it, sent at once, whose results `work` gets. @throws DatabaseUnavailableError
   */
  transaction<T>(
    work: (tx: Orm, opened: readonly pg.QueryResult[]) => Promise<T>,
    opening?: string,
  ): Promise<T>;
  /** Notifies listeners soon, outside any transaction; best effort (see db/announcer.ts). */
  announce(channel: string, payload: unknown): void;
  /** Waits for the queries that run, then closes every connection. May be called twice. */
  close(): Promise<void>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most. Default 10. */
  readonly maxConnections?: number;
  /** A statement that takes longer is cancelled. Default 30 s. */
  readonly statementTimeoutMs?: number;
  /** How long a caller waits for a connection. Default 5 s. */
  readonly connectTimeoutMs?: number;
  readonly logger?: Logger;
}

/**
 * Opens a pool; connects on first use, so it does not fail when the server is not there yet. A connection that
 * breaks is logged and replaced: a killed server makes queries fail, never the process.
 */
export function openDatabase(options: DatabaseOptions): Database {
  const logger = options.logger ?? silentLogger;
  const statementTimeoutMs = options.statementTimeoutMs ?? 30_000;
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections ?? 10,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    statement_timeout: statementTimeoutMs,
    // The server cannot cancel a statement when the network between is cut; then the client gives up.
    query_timeout: statementTimeoutMs + 5_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: 'breakwater',
  });
  let closing: Promise<void> | undefined;
  const onError = (error: Error) => {
    // pool.end() does not wait for the server to see the last sockets close; one that stops now may say so on them.
    if (closing === undefined) logger.warn({ err: error }, 'lost a database connection');
  };
  pool.on('error', onError);
  // A client that is checked out while its server dies emits on itself, not on the pool.
  pool.on('connect', (client) => client.on('error', onError));
  const orm = drizzle(pool);
  const announcer = createAnnouncer(pool, logger);
  return {
    url: options.url,
    pool,
    orm,
    transaction: (work, opening) => withDatabaseErrors(() => inTransaction(pool, work, opening)),
    announce: announcer.announce,
    close: () => {
      closing ??= announcer.flush().then(() => pool.end());
      return closing;
    },
  };
}

/**
 * Drizzle's own transaction loses the connection for good when `begin` fails, which is what the first query on a
 * connection to a restarted server does. Here a connection always goes back, and one that may be unwell is closed.
 */
async function inTransaction<T>(
  pool: pg.Pool,
  work: (tx: Orm, opened: readonly pg.QueryResult[]) => Promise<T>,
  opening = 'begin',
): Promise<T> {
  const client = await pool.connect();
  let discard = false;
  try {
    // Several statements give a list of results, one gives its own.
    const opened = [(await client.query(opening)) as pg.QueryResult | pg.QueryResult[]].flat();
    const result = await work(drizzle(client), opened);
    await client.query('commit');
    return result;
  } catch (error) {
    discard = !connectionSurvives(error);
    if (!discard) {
      await client.query('rollback').catch(() => {
        discard = true;
      });
    }
    throw error;
  } finally {
    client.release(discard);
  }
}
