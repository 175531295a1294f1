import { and, eq, gte, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { withdrawalReservations } from '../schema/withdrawals.ts';

/** A withdrawal that a signed attestation allows. */
export interface Reservation {
  /** What was signed. */
  readonly digest: string;
  readonly protocol: string;
  readonly account: string;
  readonly chain: string;
  /** Address in lower case. */
  readonly consumer: string;
  readonly asset: string;
  readonly amountWad: Wad;
  /** Of the book that it was signed for. */
  readonly sequence: bigint;
  /** Name of the venue that the contract is; null: it pays from what was pushed. */
  readonly venue: string | null;
  readonly nonce: bigint;
  /** Market time. */
  readonly validUntilMs: UnixMs;
}

/** Withdrawals of an account that were signed to be valid at or after a market time. @throws DatabaseUnavailableError */
export async function reservationsOf(
  orm: Orm,
  protocol: string,
  account: string,
  sinceMs: UnixMs,
): Promise<readonly Reservation[]> {
  const r = withdrawalReservations;
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(r)
      .where(and(eq(r.protocol, protocol), eq(r.account, account), gte(r.validUntil, sinceMs)))
      .orderBy(r.issuedAt, r.digest),
  );
  return rows.map(({ validUntil, issuedAt: _, ...row }) => ({ ...row, validUntilMs: validUntil }));
}

/**
 * Reserves a withdrawal unless one of the same account was reserved that the caller has not seen: what he worked out does
 * not take it into account. @returns whether it is reserved. @throws DatabaseUnavailableError
 */
export function reserveWithdrawal(
  database: Database,
  reservation: Reservation,
  {
    seen,
    sinceMs,
    nowMs,
  }: { readonly seen: ReadonlySet<string>; readonly sinceMs: UnixMs; readonly nowMs: UnixMs },
): Promise<boolean> {
  const { protocol, account, validUntilMs, ...rest } = reservation;
  return database.transaction(async (tx) => {
    const key = JSON.stringify([protocol, account]);
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${key}, 3))`);
    const present = await reservationsOf(tx, protocol, account, sinceMs);
    if (present.some(({ digest }) => !seen.has(digest))) return false;
    const row = { ...rest, protocol, account, validUntil: validUntilMs, issuedAt: nowMs };
    await tx.insert(withdrawalReservations).values(row).onConflictDoNothing();
    return true;
  });
}
