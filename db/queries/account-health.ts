import { type SQL, sql } from 'drizzle-orm';
import type { MarginStatus } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { accounts } from '../schema/accounts.ts';
import { marginStatuses } from '../schema/margin.ts';
import { venueBooks } from '../schema/venue-books.ts';
import type { VenueBookKey } from './venue-books.ts';

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
  /** Of the pushed book; 0 = nothing was pushed, the account is on chain only. */
  readonly sequence: bigint;
  /** With those on chain, as they were last read. */
  readonly positionCount: number;
  /** Wall time: of the push, or of the last reading that is stored where nothing was pushed. */
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

/** A venue whose accounts are the protocol's too. */
export type ListedVenue = Pick<VenueBookKey, 'chain' | 'venue'>;

/** Names that a request can carry: a contract may hold others, which nobody could ask for. */
const NAME = '^[A-Za-z0-9][A-Za-z0-9._:-]*$';

/** Every account of a protocol once: pushed, or at one of its venues when that was last read. */
function listed(protocol: string, venues: readonly ListedVenue[]): SQL {
  const pushed = sql`select ${accounts.account} as account, ${accounts.sequence} as sequence,
      jsonb_array_length(${accounts.positions}) as own, ${accounts.updatedAt} as updated_at
    from ${accounts} where ${accounts.protocol} = ${protocol}`;
  if (venues.length === 0) return pushed;
  return sql`${pushed} union all
    select ${venueBooks.account}, 0, 0, max(${venueBooks.readAt}) from ${venueBooks}
    where (${venueBooks.chain}, ${venueBooks.venue}) in (${keys(venues)}) and ${venueBooks.sequence} > 0
      and ${venueBooks.account} ~ ${NAME} and not exists (select from ${accounts} p
        where p.protocol = ${protocol} and p.account = ${venueBooks.account})
    group by ${venueBooks.account}`;
}

const keys = (venues: readonly ListedVenue[]): SQL =>
  sql.join(
    venues.map(({ chain, venue }) => sql`(${chain}, ${venue})`),
    sql`, `,
  );

interface Row extends Record<string, unknown> {
  readonly account: string;
  readonly sequence: string;
  readonly positions: number;
  readonly updated_at: Date;
  readonly rank: string | null;
  readonly status: string | null;
  readonly as_of: Date;
  readonly margin_sequence: string;
  readonly equity_wad: string;
  readonly initial_wad: string;
  readonly maintenance_wad: string;
}

/**
 * Accounts of a protocol, pushed and at its `venues`, with what the last sweep found, a page at a time: by account id, or
 * the least healthy first and those that no sweep has seen last. @throws DatabaseUnavailableError
 */
export async function listAccountHealth(
  orm: Orm,
  protocol: string,
  options: {
    readonly status?: MarginStatus | null;
    readonly order: 'id' | 'health';
    readonly after: ListedPlace | null;
    readonly limit: number;
    readonly venues?: readonly ListedVenue[];
  },
): Promise<readonly ListedAccount[]> {
  const { status = null, order, after, limit, venues = [] } = options;
  const rank = sql`(${RANK})`;
  const beyond = () => {
    if (after === null) return sql`true`;
    if (order === 'id') return sql`l.account > ${after.account}`;
    if (after.rank === null) return sql`${rank} is null and l.account > ${after.account}`;
    return sql`(${rank} is null or (${rank}, l.account) > (${after.rank}::numeric, ${after.account}))`;
  };
  const onChain =
    venues.length === 0
      ? sql`0`
      : sql`(select coalesce(sum(jsonb_array_length(b.positions)), 0)::int from ${venueBooks} b
          where b.account = l.account and (b.chain, b.venue) in (${keys(venues)}))`;
  const found = await withDatabaseErrors(() =>
    orm.execute<Row>(sql`select l.account, l.sequence, l.own + ${onChain} as positions, l.updated_at,
        ${rank}::text as rank, ${marginStatuses.status} as status, ${marginStatuses.asOf} as as_of,
        ${marginStatuses.sequence} as margin_sequence, ${marginStatuses.equityWad} as equity_wad,
        ${marginStatuses.initialWad} as initial_wad, ${marginStatuses.maintenanceWad} as maintenance_wad
      from (${listed(protocol, venues)}) l
      left join ${marginStatuses}
        on ${marginStatuses.protocol} = ${protocol} and ${marginStatuses.account} = l.account
      where ${status === null ? sql`true` : sql`${marginStatuses.status} = ${status}`} and ${beyond()}
      order by ${order === 'id' ? sql`l.account` : sql`${rank} asc nulls last, l.account`}
      limit ${limit}`),
  );
  return found.rows.map((row) => ({
    account: row.account,
    sequence: BigInt(row.sequence),
    positionCount: row.positions,
    updatedAtMs: new Date(row.updated_at).getTime(),
    rank: row.rank,
    health:
      row.status === null
        ? null
        : {
            status: row.status as MarginStatus,
            asOfMs: new Date(row.as_of).getTime(),
            sequence: BigInt(row.margin_sequence),
            equityWad: BigInt(row.equity_wad),
            initialWad: BigInt(row.initial_wad),
            maintenanceWad: BigInt(row.maintenance_wad),
          },
  }));
}
