import { and, desc, eq, inArray, lte, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { priceSnapshots } from '../schema/market.ts';

/**
 * A robust price as stored. `market`, `verdicts`, `votes` and `memory` are those of RobustPrice (oracles/price.ts), exact to
 * the bigint; storage does not look inside.
 */
export interface PriceSnapshot {
  readonly feed: string;
  readonly asOfMs: UnixMs;
  /** Start of the snapshot interval that asOfMs falls in. */
  readonly bucketMs: UnixMs;
  readonly base: string;
  readonly quoteAsset: string;
  /** null when no price could be formed. */
  readonly priceWad: Wad | null;
  readonly confidenceWad: Wad | null;
  readonly market: unknown;
  readonly verdicts: unknown;
  readonly votes: unknown;
  /** RobustPrice.memory; null where nothing was remembered. */
  readonly memory: unknown;
  readonly configHash: string;
}

type Row = typeof priceSnapshots.$inferSelect;

function fromRow({ asOf, bucket, ...row }: Row): PriceSnapshot {
  return { ...row, asOfMs: asOf, bucketMs: bucket };
}

/**
 * Stores snapshots; one that exists for its feed and bucket stays as it is.
 * @returns how many were new. @throws DatabaseUnavailableError, NotStorableError
 */
export async function insertPriceSnapshots(orm: Orm, snapshots: readonly PriceSnapshot[]): Promise<number> {
  if (snapshots.length === 0) return 0;
  const rows = snapshots.map(({ asOfMs, bucketMs, ...rest }) => ({
    ...rest,
    asOf: asOfMs,
    bucket: bucketMs,
  }));
  const written = await withDatabaseErrors(() =>
    orm.insert(priceSnapshots).values(rows).onConflictDoNothing().returning({ feed: priceSnapshots.feed }),
  );
  return written.length;
}

/** Newest snapshot of each feed (of all feeds when none are given). @throws DatabaseUnavailableError */
export async function latestPriceSnapshots(
  orm: Orm,
  feeds?: readonly string[],
): Promise<readonly PriceSnapshot[]> {
  if (feeds?.length === 0) return [];
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([priceSnapshots.feed])
      .from(priceSnapshots)
      .where(feeds ? inArray(priceSnapshots.feed, [...feeds]) : sql`true`)
      .orderBy(priceSnapshots.feed, desc(priceSnapshots.asOf)),
  );
  return rows.map(fromRow);
}

/** The snapshot in force at a market time: the newest at or before it, or null. @throws DatabaseUnavailableError */
export async function priceSnapshotAt(orm: Orm, feed: string, atMs: UnixMs): Promise<PriceSnapshot | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(priceSnapshots)
      .where(and(eq(priceSnapshots.feed, feed), lte(priceSnapshots.asOf, atMs)))
      .orderBy(desc(priceSnapshots.asOf))
      .limit(1),
  );
  return rows[0] ? fromRow(rows[0]) : null;
}
