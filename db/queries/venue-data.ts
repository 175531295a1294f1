import { and, desc, eq, lt, lte, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { VENUE_DATA_CHANNEL } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { SequenceConflictError, withDatabaseErrors } from '../errors.ts';
import { contentHash } from '../json.ts';
import { venueData, venueDataHistory } from '../schema/venue-data.ts';
import { unsettled } from './settled.ts';

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
 * Replaces the data of a market; listeners are told after it. An equal repeat changes nothing. `kept`: what of it past
 * answers need, null = nothing; it counts from `asOfMs` on, or from just after the last settled moment.
 * @returns whether it was stored before. @throws SequenceConflictError, DatabaseUnavailableError, NotStorableError
 */
export async function putVenueData(
  database: Database,
  put: StoredVenueDataRow,
  nowMs: UnixMs = Date.now(),
  kept: unknown = null,
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
  const replayed = await unsettled(database, asOfMs, async (tx, marketTime) => {
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
    if (written.length > 0) {
      await remember(tx, { protocol, market, sequence, marketTime, asOf: asOfMs, maxAgeMs, data: kept });
      return false;
    }
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

/** A row of history, unless there is nothing to keep and nothing that it ends. */
async function remember(tx: Orm, row: typeof venueDataHistory.$inferInsert): Promise<void> {
  const { protocol, market } = row;
  if (row.data === null) {
    const [last] = await tx
      .select({ none: sql<boolean>`${venueDataHistory.data} is null` })
      .from(venueDataHistory)
      .where(and(eq(venueDataHistory.protocol, protocol), eq(venueDataHistory.market, market)))
      .orderBy(desc(venueDataHistory.sequence))
      .limit(1);
    if (last === undefined || last.none) return;
  }
  await tx.insert(venueDataHistory).values(row);
}

/** What is kept of a protocol's venue data, as it counted at a market time. @throws DatabaseUnavailableError */
export async function venueDataAt(
  orm: Orm,
  protocol: string,
  atMs: UnixMs,
): Promise<readonly StoredVenueDataRow[]> {
  const h = venueDataHistory;
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([h.market])
      .from(h)
      .where(and(eq(h.protocol, protocol), lte(h.marketTime, atMs)))
      .orderBy(h.market, desc(h.sequence)),
  );
  return rows.flatMap(({ marketTime: _, asOf, data, ...rest }) =>
    data === null ? [] : [{ ...rest, asOfMs: asOf, data }],
  );
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
