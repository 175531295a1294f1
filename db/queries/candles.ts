import { and, asc, desc, eq, gte, lt, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { candles } from '../schema/market.ts';

/** One hourly candle, stamped at its open; the shape of HourlyBar of models/forecast.ts. */
export interface StoredCandle {
  readonly tsMs: UnixMs;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
}

type Row = typeof candles.$inferSelect;

function fromRow({ ts, open, high, low, close, volume }: Row): StoredCandle {
  return { tsMs: ts, open, high, low, close, volume };
}

/**
 * Inserts candles and replaces those of the same hour, 1000 rows per statement. Of two rows with one hour in the
 * input the last one counts. @throws DatabaseUnavailableError
 */
export async function upsertCandles(orm: Orm, asset: string, bars: readonly StoredCandle[]): Promise<void> {
  const unique = [...new Map(bars.map((bar) => [bar.tsMs, bar])).values()];
  for (let start = 0; start < unique.length; start += 1_000) {
    const rows = unique.slice(start, start + 1_000);
    // A column is one parameter: a year of history as a parameter per cell costs seconds on both sides.
    const column = (of: (bar: StoredCandle) => number | string) => sql`${`{${rows.map(of).join()}}`}`;
    const floats = (field: Exclude<keyof StoredCandle, 'tsMs'>) =>
      sql`${column((bar) => bar[field])}::float8[]`;
    await withDatabaseErrors(() =>
      orm.execute(sql`
        insert into ${candles} (asset, ts, open, high, low, close, volume)
        select ${asset}, * from unnest(
          ${column(({ tsMs }) => new Date(tsMs).toISOString())}::timestamptz[],
          ${floats('open')}, ${floats('high')}, ${floats('low')}, ${floats('close')}, ${floats('volume')})
        on conflict (asset, ts) do update set
          open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
          volume = excluded.volume`),
    );
  }
}

/** Candles with fromMs <= open < toMs, ascending; at most `limit` of them, the first. @throws DatabaseUnavailableError */
export async function readCandles(
  orm: Orm,
  asset: string,
  range: { readonly fromMs?: UnixMs; readonly toMs?: UnixMs; readonly limit?: number } = {},
): Promise<readonly StoredCandle[]> {
  const rows = await withDatabaseErrors(() => {
    const query = orm.select().from(candles).where(inRange(asset, range)).orderBy(asc(candles.ts));
    return range.limit === undefined ? query : query.limit(range.limit);
  });
  return rows.map(fromRow);
}

function inRange(asset: string, range: { readonly fromMs?: UnixMs; readonly toMs?: UnixMs }) {
  return and(
    eq(candles.asset, asset),
    range.fromMs === undefined ? undefined : gte(candles.ts, range.fromMs),
    range.toMs === undefined ? undefined : lt(candles.ts, range.toMs),
  );
}

/** Tells whether rows have changed without reading them. */
export interface SeriesPrint {
  readonly rows: number;
  /** Sum of the hashes of the rows. */
  readonly sum: string;
}

/** Print of the candles in a range, made by the server. @throws DatabaseUnavailableError */
export async function candlePrint(
  orm: Orm,
  asset: string,
  range: { readonly fromMs?: UnixMs; readonly toMs?: UnixMs } = {},
): Promise<SeriesPrint> {
  const { ts, open, high, low, close, volume } = candles;
  const row = sql`hash_array_extended(array[extract(epoch from ${ts})::float8, ${open}, ${high}, ${low}, ${close}, ${volume}], 0)`;
  const found = await withDatabaseErrors(() =>
    orm
      .select({ rows: sql<string>`count(*)`, sum: sql<string>`coalesce(sum(${row}), 0)::text` })
      .from(candles)
      .where(inRange(asset, range)),
  );
  return { rows: Number(found[0]!.rows), sum: found[0]!.sum };
}

/** The newest candle of an asset, or null. @throws DatabaseUnavailableError */
export async function lastCandle(orm: Orm, asset: string): Promise<StoredCandle | null> {
  const rows = await withDatabaseErrors(() =>
    orm.select().from(candles).where(eq(candles.asset, asset)).orderBy(desc(candles.ts)).limit(1),
  );
  return rows[0] ? fromRow(rows[0]) : null;
}
