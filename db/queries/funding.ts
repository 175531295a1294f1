import { and, asc, desc, eq, gt } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { fundingPayments } from '../schema/market.ts';

/** One paid funding rate; the shape of FundingPayment of models/data/funding-file.ts. */
export interface StoredFunding {
  readonly tsMs: UnixMs;
  readonly rate: number;
}

/** Inserts payments; one that is there stays. @returns how many were new. @throws DatabaseUnavailableError */
export async function insertFunding(
  orm: Orm,
  coin: string,
  payments: readonly StoredFunding[],
): Promise<number> {
  let written = 0;
  for (let start = 0; start < payments.length; start += 1_000) {
    const rows = payments.slice(start, start + 1_000).map(({ tsMs, rate }) => ({ coin, ts: tsMs, rate }));
    const done = await withDatabaseErrors(() =>
      orm.insert(fundingPayments).values(rows).onConflictDoNothing().returning({ ts: fundingPayments.ts }),
    );
    written += done.length;
  }
  return written;
}

/** Payments of a coin, ascending. @throws DatabaseUnavailableError */
export async function readFunding(
  orm: Orm,
  coin: string,
  range: { readonly afterMs?: UnixMs } = {},
): Promise<readonly StoredFunding[]> {
  const { afterMs } = range;
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(fundingPayments)
      .where(
        and(
          eq(fundingPayments.coin, coin),
          afterMs === undefined ? undefined : gt(fundingPayments.ts, afterMs),
        ),
      )
      .orderBy(asc(fundingPayments.ts)),
  );
  return rows.map(({ ts, rate }) => ({ tsMs: ts, rate }));
}

/** The newest payment of a coin, or null. @throws DatabaseUnavailableError */
export async function lastFunding(orm: Orm, coin: string): Promise<StoredFunding | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(fundingPayments)
      .where(eq(fundingPayments.coin, coin))
      .orderBy(desc(fundingPayments.ts))
      .limit(1),
  );
  return rows[0] ? { tsMs: rows[0].ts, rate: rows[0].rate } : null;
}
