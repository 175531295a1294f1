import { and, asc, eq, gt, or, sql } from 'drizzle-orm';
import type { AnyPosition } from '../../risk/portfolio/portfolio.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { venueBooks } from '../schema/venue-books.ts';

/** Which account at which venue of which chain. `venue` is an address in lower case. */
export interface VenueBookKey {
  readonly chain: string;
  readonly venue: string;
  readonly account: string;
}

/** A book as it was read at a block. */
export interface StoredVenueBook extends VenueBookKey {
  readonly sequence: bigint;
  readonly cashWad: Wad;
  readonly positions: readonly AnyPosition[];
  readonly blockNumber: bigint;
  readonly blockHash: string;
  /** Market time. */
  readonly blockTimeMs: UnixMs;
}

/** Keys per statement. */
const BATCH = 500;
/** A read this much later by wall time counts whatever its block says: a chain may have been started anew. */
const LATER = sql`interval '1 minute'`;

/**
 * Stores books unless one of a later block is there: a gateway that lags does not overwrite what another has read.
 * @returns those that were stored. @throws DatabaseUnavailableError, NotStorableError
 */
export async function storeVenueBooks(
  orm: Orm,
  books: readonly StoredVenueBook[],
  nowMs: UnixMs = Date.now(),
): Promise<readonly VenueBookKey[]> {
  // One order for all writers, so that no two wait for each other.
  const rows = books
    .map(({ blockTimeMs, ...book }) => ({ ...book, blockTime: blockTimeMs, readAt: nowMs }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const stored: VenueBookKey[] = [];
  for (let from = 0; from < rows.length; from += BATCH) {
    const written = await withDatabaseErrors(() =>
      orm
        .insert(venueBooks)
        .values(rows.slice(from, from + BATCH))
        .onConflictDoUpdate({
          target: [venueBooks.chain, venueBooks.venue, venueBooks.account],
          set: {
            sequence: sql`excluded.sequence`,
            cashWad: sql`excluded.cash_wad`,
            positions: sql`excluded.positions`,
            blockNumber: sql`excluded.block_number`,
            blockHash: sql`excluded.block_hash`,
            blockTime: sql`excluded.block_time`,
            readAt: sql`excluded.read_at`,
          },
          setWhere: or(
            sql`${venueBooks.blockTime} <= excluded.block_time`,
            sql`${venueBooks.readAt} + ${LATER} < excluded.read_at`,
          )!,
        })
        .returning({ chain: venueBooks.chain, venue: venueBooks.venue, account: venueBooks.account }),
    );
    stored.push(...written);
  }
  return stored;
}

export const keyOf = ({ chain, venue, account }: VenueBookKey): string => `${chain}\n${venue}\n${account}`;

/** Books that were last read, by `keyOf`; those that never were are left out. @throws DatabaseUnavailableError */
export async function lastVenueBooks(
  orm: Orm,
  keys: readonly VenueBookKey[],
): Promise<ReadonlyMap<string, StoredVenueBook>> {
  const found = new Map<string, StoredVenueBook>();
  for (let from = 0; from < keys.length; from += BATCH) {
    const wanted = sql.join(
      keys.slice(from, from + BATCH).map((key) => sql`(${key.chain}, ${key.venue}, ${key.account})`),
      sql`, `,
    );
    const rows = await withDatabaseErrors(() =>
      orm
        .select()
        .from(venueBooks)
        .where(sql`(${venueBooks.chain}, ${venueBooks.venue}, ${venueBooks.account}) in (${wanted})`),
    );
    for (const { blockTime, readAt: _, positions, ...row } of rows) {
      const book = { ...row, blockTimeMs: blockTime, positions: positions as readonly AnyPosition[] };
      found.set(keyOf(book), book);
    }
  }
  return found;
}

/** Accounts that a venue had when it was last read, ascending, a page at a time. @throws DatabaseUnavailableError */
export async function venueBookAccounts(
  orm: Orm,
  { chain, venue }: Omit<VenueBookKey, 'account'>,
  after: string | null,
  limit: number,
): Promise<readonly string[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ account: venueBooks.account })
      .from(venueBooks)
      .where(
        and(
          eq(venueBooks.chain, chain),
          eq(venueBooks.venue, venue),
          gt(venueBooks.sequence, 0n),
          after === null ? undefined : gt(venueBooks.account, after),
        ),
      )
      .orderBy(asc(venueBooks.account))
      .limit(limit),
  );
  return rows.map(({ account }) => account);
}
