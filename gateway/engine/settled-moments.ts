import type { Database } from '../../db/connection.ts';
import { settledUntil } from '../../db/queries/settled.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { MomentNotSettledError } from '../app/errors.ts';

/** Refuses a past moment for which something may still be stored. @throws MomentNotSettledError, DatabaseUnavailableError */
export type RequireSettled = (atMs: UnixMs) => Promise<void>;

/**
 * Only settled moments are answered: everything that such an answer reads was stored at a market time, and nothing is
 * stored at a settled one any more (db/queries/settled.ts). So every gateway answers alike, now and later.
 */
export function settledMoments(database: Database): RequireSettled {
  return async (atMs) => {
    const until = await settledUntil(database.orm);
    if (until === null || atMs > until) throw new MomentNotSettledError(atMs, until);
  };
}
