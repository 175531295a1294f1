import { sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { settledMoments } from '../schema/market.ts';

/*
 * An answer about a past moment must be the same on every gateway and however often it is asked. So what such answers
 * read (books, prices, forecasts, buffer schedules, accepted parameters) is written at a market time after every settled
 * moment, and a moment is answered once it is settled:
 *
 * - `unsettled` holds a lock that others may hold too, and gives the transaction its market time.
 * - `settle` waits for all of them, holds the lock alone and moves the limit on, with the prices of that moment.
 *
 * Whoever settles waits for a short time only: a writer that hangs in the middle of its transaction delays the limit, not
 * the other writers.
 */

/** Any constant that no other lock uses; spells "SETL". */
const LOCK = 0x5345544c;
const ROW = 1;
/** How long the writers may have to wait for whoever settles. */
const PATIENCE_MS = 500;
/** A limit further ahead than this comes from a clock that has gone back since. */
const GONE_BACK_MS = 60_000;

const OPENING = `begin; select pg_advisory_xact_lock_shared(${LOCK}); select settled_until from settled_moments where id = ${ROW}`;

/**
 * Runs `work` in one transaction with a market time at which nothing was answered yet: `nowMs`, or just after the last
 * settled moment. @throws DatabaseUnavailableError
 */
export function unsettled<T>(
  database: Database,
  nowMs: UnixMs,
  work: (tx: Orm, marketTimeMs: UnixMs) => Promise<T>,
): Promise<T> {
  return database.transaction((tx, opened) => {
    const row = opened.at(-1)?.rows[0] as { settled_until: Date } | undefined;
    return work(tx, row === undefined ? nowMs : Math.max(nowMs, row.settled_until.getTime() + 1));
  }, OPENING);
}

/** The last settled moment; null before the first. @throws DatabaseUnavailableError */
export async function settledUntil(orm: Orm): Promise<UnixMs | null> {
  const [row] = await withDatabaseErrors(() => orm.select().from(settledMoments));
  return row?.settledUntil ?? null;
}

/** What there is to settle: a moment, and what belongs to it. */
export interface Settlement<T> {
  readonly atMs: UnixMs;
  store(tx: Orm): Promise<T>;
}

/**
 * Holds up those of `unsettled`, asks what there is to settle (only now: a process that was stopped before knows a moment
 * of long ago), stores it and settles everything up to its moment. Nothing is stored when that is settled already. A
 * limit of a clock that has gone back since by more than a minute is taken back.
 * @returns what was stored; null when nothing was. @throws DatabaseUnavailableError
 */
export function settle<T>(
  database: Database,
  prepare: () => Promise<Settlement<T> | null>,
): Promise<{ readonly value: T; readonly takenBackMs: number } | null> {
  return database.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    const present = await settledUntil(tx);
    const settlement = await prepare();
    if (settlement === null) return null;
    const { atMs: settledUntilMs, store } = settlement;
    const aheadMs = present === null ? Number.NEGATIVE_INFINITY : present - settledUntilMs;
    if (aheadMs >= 0 && aheadMs <= GONE_BACK_MS) return null;
    const value = await store(tx);
    const row = { settledUntil: settledUntilMs };
    await tx
      .insert(settledMoments)
      .values({ id: ROW, ...row })
      .onConflictDoUpdate({ target: settledMoments.id, set: row });
    return { value, takenBackMs: Math.max(0, aheadMs) };
  }, `begin; set local lock_timeout = '${PATIENCE_MS}ms'`);
}
