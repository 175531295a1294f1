import { and, asc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { MarginStatus } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { marginStatuses } from '../schema/margin.ts';

/** Margin of one account at one moment. `body` is the whole MarginResult, exact to the bigint. */
export interface StoredMarginStatus {
  readonly protocol: string;
  readonly account: string;
  /** Market time of the prices it was computed from. */
  readonly asOfMs: UnixMs;
  /** Sequence of the positions it was computed from. */
  readonly sequence: bigint;
  readonly status: MarginStatus;
  readonly equityWad: Wad;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
  readonly body: unknown;
}

type Row = typeof marginStatuses.$inferSelect;

function fromRow({ asOf, status, ...row }: Row): StoredMarginStatus {
  return { ...row, asOfMs: asOf, status: status as MarginStatus };
}

/**
 * Stores statuses (each account at most once per call) unless the stored one is from the same or later prices and
 * positions. @returns the accounts that were written. @throws DatabaseUnavailableError, NotStorableError
 */
export async function upsertMarginStatuses(
  orm: Orm,
  statuses: readonly StoredMarginStatus[],
): Promise<readonly { readonly protocol: string; readonly account: string }[]> {
  if (statuses.length === 0) return [];
  return withDatabaseErrors(() =>
    orm
      .insert(marginStatuses)
      .values(statuses.map(({ asOfMs, ...row }) => ({ ...row, asOf: asOfMs })))
      .onConflictDoUpdate({
        target: [marginStatuses.protocol, marginStatuses.account],
        set: {
          asOf: sql`excluded.as_of`,
          sequence: sql`excluded.sequence`,
          status: sql`excluded.status`,
          equityWad: sql`excluded.equity_wad`,
          initialWad: sql`excluded.initial_wad`,
          maintenanceWad: sql`excluded.maintenance_wad`,
          body: sql`excluded.body`,
        },
        setWhere: sql`(${marginStatuses.asOf}, ${marginStatuses.sequence}) < (excluded.as_of, excluded.sequence)`,
      })
      .returning({ protocol: marginStatuses.protocol, account: marginStatuses.account }),
  );
}

/** Latest status of one account, or null before its first sweep. @throws DatabaseUnavailableError */
export async function getMarginStatus(
  orm: Orm,
  protocol: string,
  account: string,
): Promise<StoredMarginStatus | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(marginStatuses)
      .where(and(eq(marginStatuses.protocol, protocol), eq(marginStatuses.account, account))),
  );
  return rows[0] ? fromRow(rows[0]) : null;
}

/** Latest statuses of some accounts of one protocol; those without one are left out. @throws DatabaseUnavailableError */
export async function getMarginStatuses(
  orm: Orm,
  protocol: string,
  accounts: readonly string[],
): Promise<readonly StoredMarginStatus[]> {
  if (accounts.length === 0) return [];
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(marginStatuses)
      .where(and(eq(marginStatuses.protocol, protocol), inArray(marginStatuses.account, [...accounts]))),
  );
  return rows.map(fromRow);
}

/** Accounts of a protocol in one status, by account id, a page at a time. @throws DatabaseUnavailableError */
export async function listMarginStatuses(
  orm: Orm,
  protocol: string,
  options: {
    readonly status?: MarginStatus;
    /** Last account of the page before. */
    readonly after?: string | null;
    /** Default 100. */
    readonly limit?: number;
  } = {},
): Promise<{ readonly statuses: readonly StoredMarginStatus[]; readonly next: string | null }> {
  const limit = options.limit ?? 100;
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(marginStatuses)
      .where(
        and(
          eq(marginStatuses.protocol, protocol),
          options.status === undefined ? undefined : eq(marginStatuses.status, options.status),
          options.after ? gt(marginStatuses.account, options.after) : undefined,
        ),
      )
      .orderBy(asc(marginStatuses.account))
      .limit(limit + 1),
  );
  const statuses = rows.slice(0, limit).map(fromRow);
  return { statuses, next: rows.length > limit ? statuses.at(-1)!.account : null };
}
