import { and, asc, desc, eq, lt, sql } from 'drizzle-orm';
import { BreakwaterError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { webhookDeliveries, webhooks } from '../schema/webhooks.ts';
import { appendAudit } from './audit.ts';
import { addToOutbox } from './outbox.ts';

/** Outbox topic: a delivery is to be enqueued (again). */
export const REPLAY_TOPIC = 'webhook.replay';

/** No such webhook or delivery in the protocol; one of another protocol looks the same. */
export class UnknownWebhookError extends BreakwaterError {
  override readonly name = 'UnknownWebhookError';
  constructor(what: 'webhook' | 'delivery', id: string) {
    super(`no ${what} '${id}'`, { type: 'unknown-webhook', kind: 'not-found' });
  }
}

/** The protocol has as many webhooks as it may have. */
export class WebhookLimitError extends BreakwaterError {
  override readonly name = 'WebhookLimitError';
  constructor(limit: number) {
    super(`a protocol may have ${limit} webhooks`, { type: 'webhook-limit', kind: 'conflict' });
  }
}

export interface StoredWebhook {
  readonly id: string;
  readonly protocol: string;
  readonly url: string;
  readonly events: readonly string[];
  /** `whsec_` and base64. */
  readonly secret: string;
  /** Wall time. */
  readonly createdAtMs: UnixMs;
}

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
}

const hookOf = ({ createdAt, ...row }: typeof webhooks.$inferSelect): StoredWebhook => ({
  ...row,
  createdAtMs: createdAt,
});
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

/** @throws WebhookLimitError, DatabaseUnavailableError */
export function createWebhook(
  database: Database,
  made: Omit<StoredWebhook, 'createdAtMs'>,
  limit: number,
  actor: string,
): Promise<StoredWebhook> {
  const { protocol, id, url, events } = made;
  return database.transaction(async (tx) => {
    // The chain's head is locked by the entry: two at once cannot both be the last that fits.
    await appendAudit(tx, {
      protocol,
      actor,
      action: 'webhook.create',
      subject: id,
      details: { url, events },
    });
    const present = await tx
      .select({ id: webhooks.id })
      .from(webhooks)
      .where(eq(webhooks.protocol, protocol));
    if (present.length >= limit) throw new WebhookLimitError(limit);
    const rows = await tx
      .insert(webhooks)
      .values({ ...made, events: [...events], createdAt: Date.now() })
      .returning();
    return hookOf(rows[0]!);
  });
}

/** Webhooks of a protocol, oldest first. @throws DatabaseUnavailableError */
export async function listWebhooks(orm: Orm, protocol: string): Promise<readonly StoredWebhook[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(webhooks)
      .where(eq(webhooks.protocol, protocol))
      .orderBy(asc(webhooks.createdAt), asc(webhooks.id)),
  );
  return rows.map(hookOf);
}

/** Webhooks that want an event: of one protocol, or of all. @throws DatabaseUnavailableError */
export async function webhooksFor(
  orm: Orm,
  event: string,
  protocol: string | null,
): Promise<readonly StoredWebhook[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(webhooks)
      .where(
        and(
          sql`${event} = any (${webhooks.events})`,
          protocol === null ? undefined : eq(webhooks.protocol, protocol),
        ),
      ),
  );
  return rows.map(hookOf);
}

/** Removes a webhook; what is still to be delivered to it is not. @throws UnknownWebhookError */
export function deleteWebhook(
  database: Database,
  { protocol, id }: { readonly protocol: string; readonly id: string },
  actor: string,
): Promise<void> {
  return database.transaction(async (tx) => {
    const gone = await tx
      .delete(webhooks)
      .where(and(eq(webhooks.protocol, protocol), eq(webhooks.id, id)))
      .returning();
    if (gone.length === 0) throw new UnknownWebhookError('webhook', id);
    await tx.delete(webhookDeliveries).where(eq(webhookDeliveries.webhook, id));
    await appendAudit(tx, { protocol, actor, action: 'webhook.delete', subject: id, details: {} });
  });
}

/** Adds deliveries; those that are there already stay as they are. @throws DatabaseUnavailableError */
export async function addDeliveries(
  orm: Orm,
  made: readonly Pick<StoredDelivery, 'id' | 'webhook' | 'protocol' | 'event' | 'body'>[],
): Promise<void> {
  if (made.length === 0) return;
  const rows = made.map((row) => ({ ...row, state: 'pending', createdAt: Date.now() }));
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
  return row === undefined ? null : { delivery: deliveryOf(row.delivery), webhook: hookOf(row.webhook) };
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
      .set({ state: 'pending', round: sql`${webhookDeliveries.round} + 1`, deliveredAt: null })
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
