import { bigint, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { unixMs } from './types.ts';

/** Where a protocol wants to be called. The secret signs, so it must be kept readable. */
export const webhooks = pgTable(
  'webhooks',
  {
    id: text().primaryKey(),
    protocol: text().notNull(),
    url: text().notNull(),
    events: text().array().notNull(),
    secret: text().notNull(),
    createdAt: unixMs('created_at').notNull(),
  },
  (table) => [index('webhooks_by_protocol').on(table.protocol, table.id)],
);

/** One message to one webhook; `id` goes out as `webhook-id` and is the same on every try. Wall time. */
export const webhookDeliveries = pgTable(
  'webhook_deliveries',
  {
    id: text().primaryKey(),
    webhook: text().notNull(),
    protocol: text().notNull(),
    event: text().notNull(),
    /** The exact text that is signed and sent. */
    body: text().notNull(),
    state: text().notNull(),
    attempts: integer().notNull().default(0),
    lastStatus: integer('last_status'),
    lastError: text('last_error'),
    createdAt: unixMs('created_at').notNull(),
    deliveredAt: unixMs('delivered_at'),
    /** Counts replays, so that each has a job of its own. */
    round: integer().notNull().default(0),
    /** Id of the HTTP request that caused it, or its last replay; null for what no request did. */
    cause: text(),
  },
  (table) => [
    index('webhook_deliveries_by_webhook').on(table.webhook, table.createdAt, table.id),
    index('webhook_deliveries_by_protocol').on(table.protocol, table.createdAt, table.id),
    index('webhook_deliveries_created_at').on(table.createdAt),
  ],
);

/** Last known state of what is watched for events, so that a change is told once. */
export const watchedStates = pgTable(
  'watched_states',
  {
    kind: text().notNull(),
    subject: text().notNull(),
    state: text().notNull(),
    /** Market time of the change. */
    changedAt: unixMs('changed_at').notNull(),
    version: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.kind, table.subject] })],
);
