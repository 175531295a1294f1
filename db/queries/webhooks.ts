import { and, asc, eq, sql } from 'drizzle-orm';
import { BreakwaterError } from '../../risk/errors.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { webhookDeliveries, webhooks } from '../schema/webhooks.ts';
import { appendAudit } from './audit.ts';

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

/** A row as it is used. */
export const webhookFromRow = ({ createdAt, ...row }: typeof webhooks.$inferSelect): StoredWebhook => ({
  ...row,
  createdAtMs: createdAt,
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
    return webhookFromRow(rows[0]!);
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
  return rows.map(webhookFromRow);
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
  return rows.map(webhookFromRow);
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
