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
    const rows = unique.slice(start, start + 1_000).map(({ tsMs, ...bar }) => ({
      asset,
      ts: tsMs,
      open: bar.open,
      high: bar.high,
      low: bar.low,
      close: bar.close,
      volume: bar.volume,
    }));
    await withDatabaseErrors(() =>
      orm
        .insert(candles)
        .values(rows)
        .onConflictDoUpdate({
          target: [candles.asset, candles.ts],
          set: {
            open: sql`excluded.open`,
            high: sql`excluded.high`,
            low: sql`excluded.low`,
            close: sql`excluded.close`,
            volume: sql`excluded.volume`,
          },
        }),
    );
  }
}

/** Candles with fromMs <= open < toMs, ascending. @throws DatabaseUnavailableError */
export async function readCandles(
  orm: Orm,
  asset: string,
  range: { readonly fromMs?: UnixMs; readonly toMs?: UnixMs } = {},
): Promise<readonly StoredCandle[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(candles)
      .where(
        and(
          eq(candles.asset, asset),
          range.fromMs === undefined ? undefined : gte(candles.ts, range.fromMs),
          range.toMs === undefined ? undefined : lt(candles.ts, range.toMs),
        ),
      )
      .orderBy(asc(candles.ts)),
  );
  return rows.map(fromRow);
}

/** The newest candle of an asset, or null. @throws DatabaseUnavailableError */
export async function lastCandle(orm: Orm, asset: string): Promise<StoredCandle | null> {
  const rows = await withDatabaseErrors(() =>
    orm.select().from(candles).where(eq(candles.asset, asset)).orderBy(desc(candles.ts)).limit(1),
  );
  return rows[0] ? fromRow(rows[0]) : null;
}
