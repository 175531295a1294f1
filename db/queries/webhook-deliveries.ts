import { and, asc, desc, eq, lt, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { currentCause } from '../cause.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { webhookDeliveries, webhooks } from '../schema/webhooks.ts';
import { appendAudit } from './audit.ts';
import { addToOutbox } from './outbox.ts';
import { type StoredWebhook, UnknownWebhookError, webhookFromRow } from './webhooks.ts';

/** Outbox topic: a delivery is to be enqueued (again). */
export const REPLAY_TOPIC = 'webhook.replay';

export type DeliveryState = 'pending' | 'delivered' | 'dead';

export interface StoredDelivery {
  /** Goes out as `webhook-id`. */
  readonly id: string;
  readonly webhook: string;
  readonly protocol: string;
  readonly event: string;
  /** The text that is signed and sent. */
  readonly body: string;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastStatus: number | null;
  readonly lastError: string | null;
  readonly createdAtMs: UnixMs;
  readonly deliveredAtMs: UnixMs | null;
  /** Grows with every replay. */
  readonly round: number;
  /** Id of the HTTP request that caused it, or its last replay; null for what no request did. */
  readonly cause: string | null;
}

const deliveryOf = ({
  createdAt,
  deliveredAt,
  state,
  ...row
}: typeof webhookDeliveries.$inferSelect): StoredDelivery => ({
  ...row,
  state: state as DeliveryState,
  createdAtMs: createdAt,
  deliveredAtMs: deliveredAt,
});

/** Adds deliveries; those that are there already stay as they are. @throws DatabaseUnavailableError */
export async function addDeliveries(
  orm: Orm,
  made: readonly Pick<StoredDelivery, 'id' | 'webhook' | 'protocol' | 'event' | 'body'>[],
): Promise<void> {
  if (made.length === 0) return;
  const cause = currentCause();
  const rows = made.map((row) => ({ ...row, state: 'pending', createdAt: Date.now(), cause }));
  await withDatabaseErrors(() => orm.insert(webhookDeliveries).values(rows).onConflictDoNothing());
}

/** A delivery with its webhook; null when either is gone. @throws DatabaseUnavailableError */
export async function deliveryToSend(
  orm: Orm,
  id: string,
): Promise<{ readonly delivery: StoredDelivery; readonly webhook: StoredWebhook } | null> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select({ delivery: webhookDeliveries, webhook: webhooks })
      .from(webhookDeliveries)
      .innerJoin(webhooks, eq(webhooks.id, webhookDeliveries.webhook))
      .where(eq(webhookDeliveries.id, id)),
  );
  const row = rows[0];
  return row === undefined
    ? null
    : { delivery: deliveryOf(row.delivery), webhook: webhookFromRow(row.webhook) };
}

/** Writes down how a try ended. @throws DatabaseUnavailableError */
export async function recordAttempt(
  orm: Orm,
  id: string,
  outcome: {
    readonly state: DeliveryState;
    readonly status: number | null;
    readonly error: string | null;
  },
): Promise<void> {
  const { state, status, error } = outcome;
  await withDatabaseErrors(() =>
    orm
      .update(webhookDeliveries)
      .set({
        state,
        attempts: sql`${webhookDeliveries.attempts} + 1`,
        lastStatus: status,
        lastError: error?.slice(0, 500) ?? null,
        ...(state === 'delivered' ? { deliveredAt: Date.now() } : {}),
      })
      .where(eq(webhookDeliveries.id, id)),
  );
}

/** Deliveries of a webhook, newest first. @throws UnknownWebhookError, DatabaseUnavailableError */
export async function listDeliveries(
  orm: Orm,
  { protocol, webhook }: { readonly protocol: string; readonly webhook: string },
  page: {
    readonly before: { readonly createdAtMs: UnixMs; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<readonly StoredDelivery[]> {
  return withDatabaseErrors(async () => {
    const own = await orm
      .select({ id: webhooks.id })
      .from(webhooks)
      .where(and(eq(webhooks.id, webhook), eq(webhooks.protocol, protocol)));
    if (own.length === 0) throw new UnknownWebhookError('webhook', webhook);
    const { before } = page;
    const at = before === null ? '' : new Date(before.createdAtMs).toISOString();
    const rows = await orm
      .select()
      .from(webhookDeliveries)
      .where(
        and(
          eq(webhookDeliveries.webhook, webhook),
          before === null
            ? undefined
            : sql`(${webhookDeliveries.createdAt}, ${webhookDeliveries.id}) < (${at}::timestamptz, ${before.id})`,
        ),
      )
      .orderBy(desc(webhookDeliveries.createdAt), desc(webhookDeliveries.id))
      .limit(page.limit);
    return rows.map(deliveryOf);
  });
}

/** Sends a delivery again, with the same id, whatever became of it. @throws UnknownWebhookError */
export function replayDelivery(
  database: Database,
  ask: { readonly protocol: string | null; readonly webhook: string | null; readonly id: string },
  actor: string,
): Promise<StoredDelivery> {
  return database.transaction(async (tx) => {
    const rows = await tx
      .update(webhookDeliveries)
      .set({
        state: 'pending',
        round: sql`${webhookDeliveries.round} + 1`,
        deliveredAt: null,
        cause: currentCause(),
      })
      .where(
        and(
          eq(webhookDeliveries.id, ask.id),
          ask.protocol === null ? undefined : eq(webhookDeliveries.protocol, ask.protocol),
          ask.webhook === null ? undefined : eq(webhookDeliveries.webhook, ask.webhook),
        ),
      )
      .returning();
    if (rows[0] === undefined) throw new UnknownWebhookError('delivery', ask.id);
    const delivery = deliveryOf(rows[0]);
    const { protocol, id, webhook } = delivery;
    await addToOutbox(tx, REPLAY_TOPIC, [{ delivery: id }]);
    await appendAudit(tx, { protocol, actor, action: 'webhook.replay', subject: id, details: { webhook } });
    return delivery;
  });
}

/** Deliveries in a state, of all protocols or one, oldest first. @throws DatabaseUnavailableError */
export async function deliveriesInState(
  orm: Orm,
  ask: {
    readonly state: DeliveryState;
    readonly protocol?: string;
    readonly beforeMs: UnixMs;
    readonly limit: number;
  },
): Promise<readonly StoredDelivery[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(webhookDeliveries)
      .where(
        and(
          eq(webhookDeliveries.state, ask.state),
          ask.protocol === undefined ? undefined : eq(webhookDeliveries.protocol, ask.protocol),
          lt(webhookDeliveries.createdAt, ask.beforeMs),
        ),
      )
      .orderBy(asc(webhookDeliveries.createdAt))
      .limit(ask.limit),
  );
  return rows.map(deliveryOf);
}

/** Forgets deliveries made before a wall time that are not pending. @returns how many. */
export async function deleteDeliveries(orm: Orm, beforeMs: UnixMs): Promise<number> {
  const gone = await withDatabaseErrors(() =>
    orm
      .delete(webhookDeliveries)
      .where(and(lt(webhookDeliveries.createdAt, beforeMs), sql`${webhookDeliveries.state} <> 'pending'`)),
  );
  return gone.rowCount ?? 0;
}
