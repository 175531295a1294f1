import { and, eq, lt, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { VENUE_DATA_CHANNEL } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { SequenceConflictError, withDatabaseErrors } from '../errors.ts';
import { contentHash } from '../json.ts';
import { venueData } from '../schema/venue-data.ts';

/** Venue data of one market as stored; `data` is opaque to storage. */
export interface StoredVenueDataRow {
  readonly protocol: string;
  readonly market: string;
  /** Must be greater than the stored one, or equal with identical content. */
  readonly sequence: bigint;
  /** Market time at which the venue made it. */
  readonly asOfMs: UnixMs;
  readonly maxAgeMs: number;
  readonly data: unknown;
}

type Row = typeof venueData.$inferSelect;

function fromRow({ protocol, market, sequence, asOf, maxAgeMs, data }: Row): StoredVenueDataRow {
  return { protocol, market, sequence, asOfMs: asOf, maxAgeMs, data };
}

/**
 * Replaces the data of a market; listeners are told after it. An equal repeat changes nothing.
 * @returns whether it was stored before. @throws SequenceConflictError, DatabaseUnavailableError, NotStorableError
 */
export async function putVenueData(
  database: Database,
  put: StoredVenueDataRow,
  nowMs: UnixMs = Date.now(),
): Promise<{ readonly replayed: boolean }> {
  const { protocol, market, sequence, asOfMs, maxAgeMs, data } = put;
  const content = contentHash({ asOfMs, maxAgeMs, data });
  const row = {
    protocol,
    market,
    sequence,
    asOf: asOfMs,
    maxAgeMs,
    data,
    contentHash: content,
    updatedAt: nowMs,
  };
  const replayed = await database.transaction(async (tx) => {
    // The conflict arm locks the row even when its condition is false, so the comparison below sees the last word.
    const written = await tx
      .insert(venueData)
      .values(row)
      .onConflictDoUpdate({
        target: [venueData.protocol, venueData.market],
        set: row,
        setWhere: lt(venueData.sequence, sql`excluded.sequence`),
      })
      .returning({ sequence: venueData.sequence });
    if (written.length > 0) return false;
    const [present] = await tx
      .select({ sequence: venueData.sequence, contentHash: venueData.contentHash })
      .from(venueData)
      .where(and(eq(venueData.protocol, protocol), eq(venueData.market, market)));
    if (present!.sequence !== sequence || present!.contentHash !== content) {
      throw new SequenceConflictError(market, sequence, present!.sequence, 'market');
    }
    return true;
  });
  if (!replayed) database.announce(VENUE_DATA_CHANNEL, { protocol, market });
  return { replayed };
}

/** Venue data of every protocol and market, or of one. @throws DatabaseUnavailableError */
export async function loadVenueData(
  orm: Orm,
  of: { readonly protocol: string; readonly market: string } | null = null,
): Promise<readonly StoredVenueDataRow[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(venueData)
      .where(
        of === null ? undefined : and(eq(venueData.protocol, of.protocol), eq(venueData.market, of.market)),
      ),
  );
  return rows.map(fromRow);
}

/** Which sequence is stored of each market. @throws DatabaseUnavailableError */
export async function venueDataSequences(
  orm: Orm,
): Promise<readonly Pick<StoredVenueDataRow, 'protocol' | 'market' | 'sequence'>[]> {
  const { protocol, market, sequence } = venueData;
  return withDatabaseErrors(() => orm.select({ protocol, market, sequence }).from(venueData));
}
