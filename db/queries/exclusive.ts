import type { Database } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';

/**
 * Runs `work` while no other process of this database runs some under the same name; waits for its turn. The server
 * gives the lock up when this process dies.
 * @throws DatabaseUnavailableError, also when the turn does not come within the statement timeout
 */
export async function exclusively<T>(database: Database, name: string, work: () => Promise<T>): Promise<T> {
  const client = await withDatabaseErrors(() => database.pool.connect());
  let broken = false;
  try {
    await withDatabaseErrors(() =>
      client.query('select pg_advisory_lock(hashtextextended($1, 1))', [name]),
    ).catch((error: unknown) => {
      broken = true;
      throw error;
    });
    return await work();
  } finally {
    if (!broken) {
      await client.query('select pg_advisory_unlock(hashtextextended($1, 1))', [name]).catch(() => {
        broken = true;
      });
    }
    // Ending the session gives the lock up, whatever state it is in.
    client.release(broken);
  }
}
