import { sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';

/** How far behind the durable work is. Times are null where nothing waits. */
export interface Backlog {
  readonly outbox: { readonly pending: number; readonly oldestMs: UnixMs | null };
  readonly sweep: {
    readonly accounts: number;
    /** Accounts without any margin status yet. */
    readonly unswept: number;
    /** Market time of the oldest margin status; null without one. */
    readonly oldestAsOfMs: UnixMs | null;
  };
  readonly webhooks: {
    readonly pending: number;
    /** Pending ones of which at least one try failed. */
    readonly retrying: number;
    readonly dead: number;
    readonly oldestPendingMs: UnixMs | null;
  };
  readonly publications: {
    /** By hub: parameters that wait to be mined; those under a time lock are not late. */
    readonly open: readonly { readonly hub: string; readonly count: number; readonly oldestMs: UnixMs }[];
    /** Messages that are longer under way than they should be. */
    readonly stuckArrivals: number;
  };
}

/** `timestamptz` as milliseconds. */
const ms = (expression: ReturnType<typeof sql>) => sql`(extract(epoch from ${expression}) * 1000)::float8`;

/** Reads what waits, in statements that scan no more than what waits and the accounts. @throws DatabaseUnavailableError */
export async function readBacklog(orm: Orm): Promise<Backlog> {
  return withDatabaseErrors(async () => {
    const one = async <T extends Record<string, unknown>>(query: ReturnType<typeof sql>): Promise<T> =>
      (await orm.execute(query)).rows[0]! as T;
    const outbox = await one<{ pending: number; oldestMs: number | null }>(
      sql`select count(*)::int as pending, ${ms(sql`min(created_at)`)} as "oldestMs" from outbox where dispatched_at is null`,
    );
    const sweep = await one<{ accounts: number; unswept: number; oldestAsOfMs: number | null }>(
      sql`select count(*)::int as accounts, count(*) filter (where m.account is null)::int as unswept,
        ${ms(sql`min(m.as_of)`)} as "oldestAsOfMs"
        from accounts a left join margin_statuses m using (protocol, account)`,
    );
    const webhooks = await one<{
      pending: number;
      retrying: number;
      dead: number;
      oldestPendingMs: number | null;
    }>(
      sql`select count(*) filter (where state = 'pending')::int as pending,
        count(*) filter (where state = 'pending' and attempts > 0)::int as retrying,
        count(*) filter (where state = 'dead')::int as dead,
        ${ms(sql`min(created_at) filter (where state = 'pending')`)} as "oldestPendingMs"
        from webhook_deliveries where state <> 'delivered'`,
    );
    const open = await orm.execute<{ hub: string; count: number; oldestMs: number }>(
      sql`select hub, count(*)::int as count, ${ms(sql`min(created_at)`)} as "oldestMs" from publications
        where closed_at is null and state in ('pending', 'sending') group by hub order by hub`,
    );
    const { stuck } = await one<{ stuck: number }>(
      sql`select count(*)::int as stuck from publication_arrivals where state = 'stuck'`,
    );
    return { outbox, sweep, webhooks, publications: { open: open.rows, stuckArrivals: stuck } };
  });
}
