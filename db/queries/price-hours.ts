import { and, asc, eq, gte, lt, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { priceHours, priceSnapshots } from '../schema/market.ts';

/** One hour of a feed in short. Prices are null when none could be formed all hour. */
export interface PriceHour {
  readonly feed: string;
  /** Start of the hour, market time. */
  readonly hourMs: UnixMs;
  readonly openWad: Wad | null;
  readonly highWad: Wad | null;
  readonly lowWad: Wad | null;
  readonly closeWad: Wad | null;
  readonly snapshots: number;
  readonly unpriced: number;
  /** Snapshots whose price was refused for margin. */
  readonly refused: number;
}

/**
 * Rolls every hour that ended before `beforeMs` up from its snapshots, once: an hour that is there stays.
 * @returns how many hours were new. @throws DatabaseUnavailableError
 */
export async function rollUpPrices(orm: Orm, beforeMs: UnixMs): Promise<number> {
  const s = priceSnapshots;
  const hour = sql`date_trunc('hour', ${s.asOf} at time zone 'UTC') at time zone 'UTC'`;
  const before = sql`date_trunc('hour', ${new Date(beforeMs).toISOString()}::timestamptz at time zone 'UTC') at time zone 'UTC'`;
  const priced = sql`filter (where ${s.priceWad} is not null)`;
  const written = await withDatabaseErrors(() =>
    orm.execute(sql`
      insert into ${priceHours} (feed, hour, open_wad, high_wad, low_wad, close_wad, snapshots, unpriced, refused)
      select ${s.feed}, ${hour},
        (array_agg(${s.priceWad} order by ${s.asOf}) ${priced})[1],
        max(${s.priceWad}),
        min(${s.priceWad}),
        (array_agg(${s.priceWad} order by ${s.asOf} desc) ${priced})[1],
        count(*),
        count(*) filter (where ${s.priceWad} is null),
        count(*) filter (where not coalesce((${s.verdicts} #>> '{margin,usable}')::boolean, false))
      from ${s}
      where ${s.asOf} < ${before}
        and not exists (
          select 1 from ${priceHours} done where done.feed = ${s.feed} and done.hour = ${hour}
        )
      group by 1, 2
      on conflict do nothing`),
  );
  return written.rowCount ?? 0;
}

/** Hours of a feed with fromMs <= hour < toMs, ascending. @throws DatabaseUnavailableError */
export async function readPriceHours(
  orm: Orm,
  feed: string,
  range: { readonly fromMs: UnixMs; readonly toMs: UnixMs },
): Promise<readonly PriceHour[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(priceHours)
      .where(
        and(eq(priceHours.feed, feed), gte(priceHours.hour, range.fromMs), lt(priceHours.hour, range.toMs)),
      )
      .orderBy(asc(priceHours.hour)),
  );
  return rows.map(({ hour, ...row }) => ({ ...row, hourMs: hour }));
}
