import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { accounts } from '../schema/accounts.ts';

/** An account's positions as last acknowledged. */
export interface StoredAccount {
  readonly protocol: string;
  readonly account: string;
  readonly sequence: bigint;
  readonly cashWad: Wad;
  readonly positions: readonly AnyPosition[];
  /** Market time at which they were acknowledged. */
  readonly marketTimeMs: UnixMs;
  /** Wall time of the same. */
  readonly updatedAtMs: UnixMs;
}

/** Place of an account in the order of (protocol, account); pass the last one seen to get the next page. */
export interface AccountKey {
  readonly protocol: string;
  readonly account: string;
}

export interface AccountPage {
  readonly accounts: readonly StoredAccount[];
  /** null on the last page. */
  readonly next: AccountKey | null;
}

type Row = typeof accounts.$inferSelect;

function fromRow(row: Row): StoredAccount {
  return {
    protocol: row.protocol,
    account: row.account,
    sequence: row.sequence,
    cashWad: row.cashWad,
    positions: row.positions as readonly AnyPosition[],
    marketTimeMs: row.marketTime,
    updatedAtMs: row.updatedAt,
  };
}

/** One account, or null when the protocol never pushed it. @throws DatabaseUnavailableError */
export async function getAccount(orm: Orm, protocol: string, account: string): Promise<StoredAccount | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(accounts)
      .where(and(eq(accounts.protocol, protocol), eq(accounts.account, account))),
  );
  return rows[0] ? fromRow(rows[0]) : null;
}

/** The same of several accounts; those that were never pushed are left out. @throws DatabaseUnavailableError */
export async function getAccounts(
  orm: Orm,
  protocol: string,
  names: readonly string[],
): Promise<readonly StoredAccount[]> {
  if (names.length === 0) return [];
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(accounts)
      .where(and(eq(accounts.protocol, protocol), inArray(accounts.account, [...names]))),
  );
  return rows.map(fromRow);
}

/** Which of these accounts the protocol has pushed. @throws DatabaseUnavailableError */
export async function knownAccounts(
  orm: Orm,
  protocol: string,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ account: accounts.account })
      .from(accounts)
      .where(and(eq(accounts.protocol, protocol), inArray(accounts.account, [...names]))),
  );
  return new Set(rows.map(({ account }) => account));
}

/**
 * Accounts in key order, a page at a time: of one protocol, or of all. `shard` takes the part of all accounts
 * whose key hashes to `index` of `count`; the parts are disjoint and together complete.
 * @throws DatabaseUnavailableError
 */
export async function listAccounts(
  orm: Orm,
  options: {
    readonly protocol?: string;
    readonly after?: AccountKey | null;
    /** Default 100. */
    readonly limit?: number;
    readonly shard?: { readonly index: number; readonly count: number };
  } = {},
): Promise<AccountPage> {
  const { protocol, after, shard } = options;
  const limit = options.limit ?? 100;
  const key = sql`(${accounts.protocol}, ${accounts.account})`;
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(accounts)
      .where(
        and(
          protocol === undefined ? undefined : eq(accounts.protocol, protocol),
          after ? gt(key, sql`(${after.protocol}, ${after.account})`) : undefined,
          shard && shard.count > 1
            ? sql`mod(hashtextextended(${accounts.account}, hashtext(${accounts.protocol})) & 9223372036854775807, ${shard.count}) = ${shard.index}`
            : undefined,
        ),
      )
      .orderBy(asc(accounts.protocol), asc(accounts.account))
      .limit(limit + 1),
  );
  const page = rows.slice(0, limit).map(fromRow);
  const last = page.at(-1);
  return {
    accounts: page,
    next: rows.length > limit && last ? { protocol: last.protocol, account: last.account } : null,
  };
}
