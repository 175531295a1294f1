import { and, asc, eq, inArray, isNull, lte, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { currentCause, withCause } from '../cause.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { outbox } from '../schema/outbox.ts';

export interface OutboxEntry {
  readonly id: bigint;
  readonly topic: string;
  readonly payload: unknown;
  readonly createdAtMs: UnixMs;
  /** Failed tries so far. */
  readonly attempts: number;
}

/** The database's clock: one for all processes. A process whose clock runs ahead would make its effects wait as long. */
const DATABASE_NOW = sql`clock_timestamp()`;

/** Adds effects, with the request that is the cause; call it inside the transaction that causes them. */
export async function addToOutbox(
  tx: Orm,
  topic: string,
  payloads: readonly unknown[],
  nowMs?: UnixMs,
): Promise<void> {
  if (payloads.length === 0) return;
  const cause = currentCause();
  const at = nowMs ?? DATABASE_NOW;
  await tx
    .insert(outbox)
    .values(payloads.map((payload) => ({ topic, payload, createdAt: at, dueAt: at, cause })));
}

/** Waits after the first, second, ... failed try of an entry: 1 s doubling to 5 minutes. */
function retryDelayMs(attempts: number): number {
  return Math.min(1_000 * 2 ** Math.min(attempts, 20), 300_000);
}

async function databaseNowMs(tx: Orm): Promise<UnixMs> {
  const { rows } = await tx.execute<{ ms: string }>(
    // Up, so that what was added in the same millisecond is due.
    sql`select ceil(extract(epoch from clock_timestamp()) * 1000) as ms`,
  );
  return Number(rows[0]!.ms);
}

/**
 * Takes up to `limit` due entries, oldest first, and hands each to `dispatch` while their rows are locked: other
 * relays skip them. An entry is marked when its dispatch resolved, and put off when it rejected. At least once: a
 * process killed between dispatch and commit leaves the entry pending. It runs on behalf of the request that caused the entry.
 * @throws DatabaseUnavailableError
 */
export async function relayOutbox(
  database: Database,
  dispatch: (entry: OutboxEntry) => Promise<void>,
  options: { readonly limit?: number; readonly nowMs?: UnixMs; readonly signal?: AbortSignal } = {},
): Promise<{ readonly dispatched: number; readonly failed: number }> {
  return database.transaction(async (tx) => {
    const now = options.nowMs ?? (await databaseNowMs(tx));
    const rows = await tx
      .select()
      .from(outbox)
      .where(and(isNull(outbox.dispatchedAt), lte(outbox.dueAt, now)))
      .orderBy(asc(outbox.dueAt), asc(outbox.id))
      .limit(options.limit ?? 100)
      .for('update', { skipLocked: true });
    const done: bigint[] = [];
    let failed = 0;
    for (const row of rows) {
      if (options.signal?.aborted) break;
      const { id, topic, payload, createdAt, attempts } = row;
      try {
        await withCause(row.cause, () => dispatch({ id, topic, payload, createdAtMs: createdAt, attempts }));
        done.push(id);
      } catch (error) {
        failed += 1;
        const lastError = String(error instanceof Error ? error.message : error).slice(0, 1_000);
        await tx
          .update(outbox)
          .set({ attempts: attempts + 1, lastError, dueAt: now + retryDelayMs(attempts) })
          .where(eq(outbox.id, id));
      }
    }
    if (done.length > 0) await tx.update(outbox).set({ dispatchedAt: now }).where(inArray(outbox.id, done));
    return { dispatched: done.length, failed };
  });
}

/** Entries not yet dispatched and the wall time of the oldest; for metrics. @throws DatabaseUnavailableError */
export async function outboxBacklog(
  orm: Orm,
): Promise<{ readonly pending: number; readonly oldestMs: UnixMs | null }> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select({
        pending: sql<string>`count(*)`,
        oldest: sql<string | null>`extract(epoch from min(${outbox.createdAt})) * 1000`,
      })
      .from(outbox)
      .where(isNull(outbox.dispatchedAt)),
  );
  const row = rows[0]!;
  return {
    pending: Number(row.pending),
    oldestMs: row.oldest === null ? null : Math.round(Number(row.oldest)),
  };
}
