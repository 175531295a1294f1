import { and, asc, gte, sql } from 'drizzle-orm';
import type { MarginStatus } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { outbox } from '../schema/outbox.ts';

/** Topic under which a sweep tells that the status of an account changed. */
export const STATUS_CHANGED = 'margin.status-changed';

/** A change as the sweep that found it wrote it down. */
export interface RecordedStatusChange {
  readonly protocol: string;
  readonly account: string;
  /** null on the first status of the account. */
  readonly from: MarginStatus | null;
  readonly to: MarginStatus;
  /** Market time of the prices. */
  readonly asOfMs: UnixMs;
  /** Sequence of the book. */
  readonly sequence: bigint;
  readonly equityWad: Wad;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
}

export interface ListedStatusChange extends RecordedStatusChange {
  /** Wall time at which it was written, in the transaction of the status itself. */
  readonly recordedAtMs: UnixMs;
}

/**
 * Changes of a protocol's accounts that were written at or after a wall time, in that order; they are kept as long as the
 * entries of the outbox. @throws DatabaseUnavailableError
 */
export async function listStatusChanges(
  orm: Orm,
  protocol: string,
  options: { readonly sinceMs: UnixMs; readonly limit: number },
): Promise<readonly ListedStatusChange[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ payload: outbox.payload, createdAt: outbox.createdAt })
      .from(outbox)
      .where(
        and(
          // A literal, so that the planner sees that the partial index serves it.
          sql`${outbox.topic} = ${sql.raw(`'${STATUS_CHANGED}'`)}`,
          sql`${outbox.payload} ->> 'protocol' = ${protocol}`,
          gte(outbox.createdAt, options.sinceMs),
        ),
      )
      .orderBy(asc(outbox.createdAt), asc(outbox.id))
      .limit(options.limit),
  );
  return rows.map(({ payload, createdAt }) => ({
    ...(payload as RecordedStatusChange),
    recordedAtMs: createdAt,
  }));
}
