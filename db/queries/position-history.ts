import { and, asc, desc, eq, lte } from 'drizzle-orm';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { positionHistory } from '../schema/accounts.ts';
import type { StoredAccount } from './accounts.ts';

/** The book in force at a market time; without one, since when books of the account are kept (null = none is). */
export type BookAt = { readonly book: StoredAccount } | { readonly sinceMs: UnixMs | null };

/** @throws DatabaseUnavailableError */
export async function bookAt(orm: Orm, protocol: string, account: string, atMs: UnixMs): Promise<BookAt> {
  const own = and(eq(positionHistory.protocol, protocol), eq(positionHistory.account, account));
  const [row] = await withDatabaseErrors(() =>
    orm
      .select()
      .from(positionHistory)
      .where(and(own, lte(positionHistory.marketTime, atMs)))
      .orderBy(desc(positionHistory.sequence))
      .limit(1),
  );
  if (row !== undefined) {
    const { marketTime, updatedAt, positions, ...rest } = row;
    const book = {
      ...rest,
      positions: positions as readonly AnyPosition[],
      marketTimeMs: marketTime,
      updatedAtMs: updatedAt,
    };
    return { book };
  }
  const [first] = await withDatabaseErrors(() =>
    orm
      .select({ marketTime: positionHistory.marketTime })
      .from(positionHistory)
      .where(own)
      .orderBy(asc(positionHistory.sequence))
      .limit(1),
  );
  return { sinceMs: first?.marketTime ?? null };
}
