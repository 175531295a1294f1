import { type SQL, sql } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { idempotencyKeys, positionHistory } from '../schema/accounts.ts';
import { forecasts } from '../schema/forecasts.ts';
import { priceHours, priceSnapshots } from '../schema/market.ts';
import { outbox } from '../schema/outbox.ts';
import { chainCuts, venueBookHistory } from '../schema/venue-books.ts';
import { venueDataHistory } from '../schema/venue-data.ts';
import { withdrawalReservations } from '../schema/withdrawals.ts';

/** Rows per statement: a delete never holds its locks for long. */
const BATCH = 2_000;

/** Deletes what fits the condition, a batch at a time, until nothing is left or the signal fires. */
async function deleteBatches(
  orm: Orm,
  table: PgTable,
  condition: SQL,
  signal?: AbortSignal,
): Promise<number> {
  let deleted = 0;
  for (;;) {
    signal?.throwIfAborted();
    const done = await withDatabaseErrors(() =>
      orm.execute(
        sql`delete from ${table} where ctid = any (array(select ctid from ${table} where ${condition} limit ${BATCH}))`,
      ),
    );
    deleted += done.rowCount ?? 0;
    if ((done.rowCount ?? 0) < BATCH) return deleted;
  }
}

const instant = (ms: UnixMs) => sql`${new Date(ms).toISOString()}::timestamptz`;

/** Deletes snapshots from before a market time whose hour is rolled up; the others stay. @returns how many. */
export function deletePriceSnapshots(orm: Orm, beforeMs: UnixMs, signal?: AbortSignal): Promise<number> {
  const hour = sql`date_trunc('hour', ${priceSnapshots.asOf} at time zone 'UTC') at time zone 'UTC'`;
  const rolledUp = sql`exists (select 1 from ${priceHours} h where h.feed = ${priceSnapshots.feed} and h.hour = ${hour})`;
  return deleteBatches(
    orm,
    priceSnapshots,
    sql`${priceSnapshots.asOf} < ${instant(beforeMs)} and ${rolledUp}`,
    signal,
  );
}

/** Deletes forecasts made before a market time. @returns how many. */
export function deleteForecasts(orm: Orm, beforeMs: UnixMs, signal?: AbortSignal): Promise<number> {
  return deleteBatches(orm, forecasts, sql`${forecasts.asOf} < ${instant(beforeMs)}`, signal);
}

/** Deletes books that were replaced before a market time; what was in force at that time stays. @returns how many. */
export function deletePositionHistory(orm: Orm, beforeMs: UnixMs, signal?: AbortSignal): Promise<number> {
  const { protocol, account, sequence, marketTime } = positionHistory;
  const replaced = sql`exists (select 1 from ${positionHistory} n where n.protocol = ${protocol}
    and n.account = ${account} and n.sequence > ${sequence} and n.market_time < ${instant(beforeMs)})`;
  return deleteBatches(
    orm,
    positionHistory,
    sql`${marketTime} < ${instant(beforeMs)} and ${replaced}`,
    signal,
  );
}

/** The same of books at venues, of cuts of chains and of what venues said. @returns how many. */
export async function deleteVenueHistory(orm: Orm, beforeMs: UnixMs, signal?: AbortSignal): Promise<number> {
  const h = venueBookHistory;
  const replaced = sql`exists (select 1 from ${h} n where n.chain = ${h.chain} and n.venue = ${h.venue}
    and n.account = ${h.account} and n.market_time > ${h.marketTime} and n.market_time < ${instant(beforeMs)})`;
  const books = sql`${h.marketTime} < ${instant(beforeMs)} and ${replaced}`;
  const ended = sql`exists (select 1 from ${chainCuts} n where n.chain = ${chainCuts.chain}
    and n.market_time > ${chainCuts.marketTime} and n.market_time < ${instant(beforeMs)})`;
  const cuts = sql`${chainCuts.marketTime} < ${instant(beforeMs)} and ${ended}`;
  const d = venueDataHistory;
  const newer = sql`exists (select 1 from ${d} n where n.protocol = ${d.protocol} and n.market = ${d.market}
    and n.sequence > ${d.sequence} and n.market_time < ${instant(beforeMs)})`;
  const said = sql`${d.marketTime} < ${instant(beforeMs)} and ${newer}`;
  return (
    (await deleteBatches(orm, h, books, signal)) +
    (await deleteBatches(orm, chainCuts, cuts, signal)) +
    (await deleteBatches(orm, d, said, signal))
  );
}

/** Deletes reserved withdrawals whose attestations expired before a market time. @returns how many. */
export function deleteReservations(orm: Orm, beforeMs: UnixMs, signal?: AbortSignal): Promise<number> {
  const { validUntil } = withdrawalReservations;
  return deleteBatches(orm, withdrawalReservations, sql`${validUntil} < ${instant(beforeMs)}`, signal);
}

/** Deletes outbox entries dispatched before a wall time; what is pending stays. @returns how many. */
export function deleteDispatched(orm: Orm, beforeMs: UnixMs, signal?: AbortSignal): Promise<number> {
  return deleteBatches(orm, outbox, sql`${outbox.dispatchedAt} < ${instant(beforeMs)}`, signal);
}

/** Deletes idempotency keys first used before a wall time: the same key then counts as new. @returns how many. */
export function deleteIdempotencyKeys(orm: Orm, beforeMs: UnixMs, signal?: AbortSignal): Promise<number> {
  return deleteBatches(
    orm,
    idempotencyKeys,
    sql`${idempotencyKeys.createdAt} < ${instant(beforeMs)}`,
    signal,
  );
}
