import { and, asc, eq, sql } from 'drizzle-orm';
import type { MarginStatus } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { accounts } from '../schema/accounts.ts';
import { marginStatuses } from '../schema/margin.ts';

/** What the last sweep found. */
export interface AccountHealth {
  readonly status: MarginStatus;
  /** Market time of the prices. */
  readonly asOfMs: UnixMs;
  /** Sequence of the book that was margined; an update since then is not in it. */
  readonly sequence: bigint;
  readonly equityWad: Wad;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
}

export interface ListedAccount {
  readonly account: string;
  readonly sequence: bigint;
  readonly positionCount: number;
  readonly updatedAtMs: UnixMs;
  /** null before the first sweep. */
  readonly health: AccountHealth | null;
  /** Place in the order by health; null before the first sweep. */
  readonly rank: string | null;
}

/** An account in a list: `rank` only where the list is by health. */
export interface ListedPlace {
  readonly rank: string | null;
  readonly account: string;
}

/**
 * Equity over maintenance requirement, which grows with health. What cannot be valued, and what owes without a requirement,
 * comes before everything; what has nothing to cover comes after.
 */
const RANK = sql<string | null>`case
  when ${marginStatuses.status} = 'unknown' then '-Infinity'::numeric
  when ${marginStatuses.maintenanceWad} > 0 then round(${marginStatuses.equityWad} / ${marginStatuses.maintenanceWad}, 18)
  when ${marginStatuses.equityWad} < 0 then '-Infinity'::numeric
  when ${marginStatuses.maintenanceWad} is null then null
  else 'Infinity'::numeric end`;

/**
 * Accounts of a protocol with what the last sweep found, a page at a time: by account id, or the least healthy first and
 * those that no sweep has seen last. @throws DatabaseUnavailableError
 */
export async function listAccountHealth(
  orm: Orm,
  protocol: string,
  options: {
    readonly status?: MarginStatus | null;
    readonly order: 'id' | 'health';
    readonly after: ListedPlace | null;
    readonly limit: number;
  },
): Promise<readonly ListedAccount[]> {
  const { status = null, order, after, limit } = options;
  const { account } = accounts;
  const rank = sql`(${RANK})`;
  const beyond = () => {
    if (after === null) return undefined;
    if (order === 'id') return sql`${account} > ${after.account}`;
    if (after.rank === null) return sql`${rank} is null and ${account} > ${after.account}`;
    return sql`(${rank} is null or (${rank}, ${account}) > (${after.rank}::numeric, ${after.account}))`;
  };
  const rows = await withDatabaseErrors(() =>
    orm
      .select({
        account,
        sequence: accounts.sequence,
        positionCount: sql<number>`jsonb_array_length(${accounts.positions})`,
        updatedAtMs: accounts.updatedAt,
        rank: sql<string | null>`${rank}::text`,
        status: marginStatuses.status,
        asOfMs: marginStatuses.asOf,
        marginSequence: marginStatuses.sequence,
        equityWad: marginStatuses.equityWad,
        initialWad: marginStatuses.initialWad,
        maintenanceWad: marginStatuses.maintenanceWad,
      })
      .from(accounts)
      .leftJoin(
        marginStatuses,
        and(eq(marginStatuses.protocol, accounts.protocol), eq(marginStatuses.account, account)),
      )
      .where(
        and(
          eq(accounts.protocol, protocol),
          status === null ? undefined : eq(marginStatuses.status, status),
          beyond(),
        ),
      )
      .orderBy(...(order === 'id' ? [asc(account)] : [sql`${rank} asc nulls last`, asc(account)]))
      .limit(limit),
  );
  return rows.map((row) => ({
    account: row.account,
    sequence: row.sequence,
    positionCount: row.positionCount,
    updatedAtMs: row.updatedAtMs,
    rank: row.rank,
    health:
      row.status === null
        ? null
        : {
            status: row.status as MarginStatus,
            asOfMs: row.asOfMs!,
            sequence: row.marginSequence!,
            equityWad: row.equityWad!,
            initialWad: row.initialWad!,
            maintenanceWad: row.maintenanceWad!,
          },
  }));
}
