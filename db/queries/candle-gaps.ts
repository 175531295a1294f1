import { sql } from 'drizzle-orm';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { candles } from '../schema/market.ts';

/** Hours that open in [fromMs, toMs). */
export interface HourRange {
  readonly fromMs: UnixMs;
  readonly toMs: UnixMs;
}

/**
 * Ranges of hours within a range for which there is no candle, ascending. `withVolume`: a candle that moved without volume
 * counts as none. @throws DatabaseUnavailableError
 */
export async function candleGaps(
  orm: Orm,
  asset: string,
  { fromMs, toMs }: HourRange,
  withVolume: boolean,
): Promise<readonly HourRange[]> {
  const iso = (ms: UnixMs) => sql`${new Date(ms).toISOString()}::timestamptz`;
  const there = withVolume
    ? sql`and not (${candles.volume} = 0 and ${candles.high} > ${candles.low})`
    : sql``;
  const found = await withDatabaseErrors(() =>
    orm.execute(sql`
      with bounds as (
        select ${iso(fromMs - MS_PER_HOUR)} as ts
        union all
        select ${candles.ts} from ${candles}
          where ${candles.asset} = ${asset} and ${candles.ts} >= ${iso(fromMs)} and ${candles.ts} < ${iso(toMs)} ${there}
        union all
        select ${iso(toMs)}
      ), steps as (select ts, lead(ts) over (order by ts) as next from bounds)
      select (extract(epoch from ts) * 1000)::bigint::text as last, (extract(epoch from next) * 1000)::bigint::text as next
        from steps where next > ts + interval '1 hour' order by ts`),
  );
  return (found.rows as { last: string; next: string }[]).map(({ last, next }) => ({
    fromMs: Number(last) + MS_PER_HOUR,
    toMs: Number(next),
  }));
}
