import { and, asc, eq, gt, gte, lte, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { priceSnapshots } from '../schema/market.ts';

/** A stored price without its evidence. */
export interface PricePoint {
  readonly asOfMs: UnixMs;
  /** null when no price could be formed. */
  readonly priceWad: Wad | null;
  readonly confidenceWad: Wad | null;
  readonly usable: { readonly open: boolean; readonly margin: boolean; readonly liquidate: boolean };
}

/**
 * Stored prices of a feed with fromMs <= asOf <= toMs, ascending, those after `afterMs` only. With a step the last one of
 * every step, counted from 1970. @throws DatabaseUnavailableError
 */
export async function listPricePoints(
  orm: Orm,
  feed: string,
  options: {
    readonly fromMs: UnixMs;
    readonly toMs: UnixMs;
    readonly afterMs: UnixMs | null;
    readonly stepMs: number | null;
    readonly limit: number;
  },
): Promise<readonly PricePoint[]> {
  const { fromMs, toMs, afterMs, stepMs, limit } = options;
  const { asOf, verdicts } = priceSnapshots;
  const usable = (purpose: string) =>
    sql<boolean>`coalesce((${verdicts} #>> ${`{${purpose},usable}`}::text[])::boolean, false)`;
  const columns = {
    asOfMs: asOf,
    priceWad: priceSnapshots.priceWad,
    confidenceWad: priceSnapshots.confidenceWad,
    open: usable('open'),
    margin: usable('margin'),
    liquidate: usable('liquidate'),
  };
  const where = and(
    eq(priceSnapshots.feed, feed),
    gte(asOf, fromMs),
    lte(asOf, toMs),
    afterMs === null ? undefined : gt(asOf, afterMs),
  );
  const rows = await withDatabaseErrors(() => {
    if (stepMs === null) {
      return orm.select(columns).from(priceSnapshots).where(where).orderBy(asc(asOf)).limit(limit);
    }
    // A whole number in the text of the query, so that both places are the same expression.
    const step = sql`floor(extract(epoch from ${asOf}) * 1000 / ${sql.raw(String(Math.floor(stepMs)))})`;
    return orm
      .selectDistinctOn([step], columns)
      .from(priceSnapshots)
      .where(where)
      .orderBy(asc(step), sql`${asOf} desc`)
      .limit(limit);
  });
  return rows.map(({ asOfMs, priceWad, confidenceWad, ...usableFor }) => ({
    asOfMs,
    priceWad,
    confidenceWad,
    usable: usableFor,
  }));
}
