import type { PgPool } from 'bullmq';
import type pg from 'pg';
import { asDatabaseError, DatabaseUnavailableError } from '../../db/errors.ts';

/**
 * A lost server as BullMQ knows it. It tells by the code ECONNREFUSED whether to wait and try again; everything else
 * that a restarting PostgreSQL says (terminating, starting up, not yet accepting) it would take for a failed command:
 * its workers would ask again without a pause, and a job that was done would be left to run once more.
 */
function asConnectionError(error: unknown): unknown {
  const known = asDatabaseError(error);
  if (!(known instanceof DatabaseUnavailableError)) return error;
  const why = error instanceof Error ? error.message : String(error);
  return Object.assign(new Error(why, { cause: error }), { code: 'ECONNREFUSED' });
}

async function connected<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw asConnectionError(error);
  }
}

/** The part of a pool that BullMQ uses, with lost connections said in its words. */
export function poolForQueues(pool: pg.Pool): PgPool {
  const wrapped = {
    // BullMQ reads from it whether keepalive is on.
    options: pool.options,
    query: (text: string, params?: readonly unknown[]) => connected(pool.query(text, params as unknown[])),
    connect: () => connected(pool.connect()),
    end: () => pool.end(),
    on: (event: 'error', listener: (error: Error) => void) => {
      pool.on(event, listener);
      return wrapped;
    },
    removeAllListeners: (event?: string) => {
      pool.removeAllListeners(event as 'error');
      return wrapped;
    },
  };
  return wrapped as unknown as PgPool;
}
