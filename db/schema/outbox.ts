import { sql } from 'drizzle-orm';
import { bigserial, index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs } from './types.ts';

/** Effects to be carried out, written in the transaction that acknowledged their cause. */
export const outbox = pgTable(
  'outbox',
  {
    id: bigserial({ mode: 'bigint' }).primaryKey(),
    topic: text().notNull(),
    payload: exactJson().notNull(),
    createdAt: unixMs('created_at').notNull(),
    /** Earliest wall time of the next try. */
    dueAt: unixMs('due_at').notNull(),
    attempts: integer().notNull().default(0),
    lastError: text('last_error'),
    dispatchedAt: unixMs('dispatched_at'),
    /** Id of the HTTP request that caused it; null for what no request did. */
    cause: text(),
  },
  (table) => [
    index('outbox_pending').on(table.dueAt, table.id).where(sql`${table.dispatchedAt} is null`),
    index('outbox_status_changes')
      .on(sql`(${table.payload} ->> 'protocol')`, table.createdAt)
      .where(sql`${table.topic} = 'margin.status-changed'`),
    index('outbox_dispatched').on(table.dispatchedAt).where(sql`${table.dispatchedAt} is not null`),
  ],
);
