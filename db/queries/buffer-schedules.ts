import { and, desc, eq, isNull, lt, lte, or, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { bufferScheduleHistory, bufferSchedules } from '../schema/forecasts.ts';

/** The predictive buffer's schedule of one asset, horizon and key; `schedule` is opaque to storage. */
export interface StoredBufferSchedule {
  readonly asset: string;
  readonly horizonHours: number;
  /** Names the buffer parameters where there are several sets; '' when there is one. */
  readonly key: string;
  /** Market time of the forecast that last advanced it. */
  readonly updatedAtMs: UnixMs;
  readonly schedule: unknown;
}

/** Every schedule. @throws DatabaseUnavailableError */
export async function loadBufferSchedules(orm: Orm): Promise<readonly StoredBufferSchedule[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(bufferSchedules)
      .orderBy(bufferSchedules.asset, bufferSchedules.horizonHours, bufferSchedules.key),
  );
  return rows.map(({ updatedAt, ...row }) => ({ ...row, updatedAtMs: updatedAt }));
}

/** An asset's schedules, locked until the transaction ends: read, advance, store. */
export async function lockBufferSchedules(tx: Orm, asset: string): Promise<readonly StoredBufferSchedule[]> {
  const rows = await withDatabaseErrors(() =>
    tx
      .select()
      .from(bufferSchedules)
      .where(eq(bufferSchedules.asset, asset))
      .orderBy(bufferSchedules.horizonHours, bufferSchedules.key)
      .for('update'),
  );
  return rows.map(({ updatedAt, ...row }) => ({ ...row, updatedAtMs: updatedAt }));
}

/**
 * Stores a schedule unless one of the same or a later time is there. `inForceFromMs` is the market time from which it is
 * used; null = `updatedAtMs`.
 * @returns whether it was stored. @throws DatabaseUnavailableError, NotStorableError
 */
export async function upsertBufferSchedule(
  orm: Orm,
  entry: StoredBufferSchedule,
  inForceFromMs: UnixMs | null = null,
): Promise<boolean> {
  const { updatedAtMs, ...rest } = entry;
  const row = { ...rest, updatedAt: updatedAtMs };
  const written = await withDatabaseErrors(() =>
    orm
      .insert(bufferSchedules)
      .values(row)
      .onConflictDoUpdate({
        target: [bufferSchedules.asset, bufferSchedules.horizonHours, bufferSchedules.key],
        set: { updatedAt: row.updatedAt, schedule: row.schedule },
        setWhere: lt(bufferSchedules.updatedAt, sql`excluded.updated_at`),
      })
      .returning({ asset: bufferSchedules.asset }),
  );
  if (written.length > 0) {
    const kept = { ...row, inForceFrom: inForceFromMs };
    await withDatabaseErrors(() => orm.insert(bufferScheduleHistory).values(kept).onConflictDoNothing());
  }
  return written.length > 0;
}

/** The schedules that were used at a market time, one per asset, horizon and key. @throws DatabaseUnavailableError */
export async function bufferSchedulesAt(orm: Orm, atMs: UnixMs): Promise<readonly StoredBufferSchedule[]> {
  const { asset, horizonHours, key, updatedAt, inForceFrom } = bufferScheduleHistory;
  const rows = await withDatabaseErrors(() =>
    orm
      .selectDistinctOn([asset, horizonHours, key])
      .from(bufferScheduleHistory)
      .where(and(lte(updatedAt, atMs), or(isNull(inForceFrom), lte(inForceFrom, atMs))))
      .orderBy(asset, horizonHours, key, desc(updatedAt)),
  );
  return rows.map(({ updatedAt: at, inForceFrom: _, ...row }) => ({ ...row, updatedAtMs: at }));
}
