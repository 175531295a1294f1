import { and, eq, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { watchedStates } from '../schema/webhooks.ts';
import { addToOutbox } from './outbox.ts';

export interface WatchedState {
  /** E.g. `oracle`. */
  readonly kind: string;
  readonly subject: string;
  readonly state: string;
  /** Market time. */
  readonly atMs: UnixMs;
}

/** Last noted states by `kind subject`. @throws DatabaseUnavailableError */
export async function watchedStatesNow(orm: Orm): Promise<ReadonlyMap<string, string>> {
  const rows = await withDatabaseErrors(() => orm.select().from(watchedStates));
  return new Map(rows.map(({ kind, subject, state }) => [`${kind} ${subject}`, state]));
}

/**
 * Notes a state; when it differs from the one before, `effect` goes to the outbox in the same transaction, once however
 * many watch. The first state of a subject is noted without an effect. @returns whether it changed.
 */
export function noteState(
  database: Database,
  seen: WatchedState,
  effect: { readonly topic: string; readonly payload: unknown } | null,
): Promise<boolean> {
  const { kind, subject, state, atMs } = seen;
  return database.transaction(async (tx) => {
    const first = await tx
      .insert(watchedStates)
      .values({ kind, subject, state, changedAt: atMs, version: 1 })
      .onConflictDoNothing()
      .returning();
    if (first.length > 0) return false;
    const changed = await tx
      .update(watchedStates)
      .set({ state, changedAt: atMs, version: sql`${watchedStates.version} + 1` })
      .where(
        and(
          eq(watchedStates.kind, kind),
          eq(watchedStates.subject, subject),
          sql`${watchedStates.state} <> ${state}`,
        ),
      )
      .returning();
    if (changed.length === 0) return false;
    if (effect !== null) await addToOutbox(tx, effect.topic, [effect.payload]);
    return true;
  });
}
