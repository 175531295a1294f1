import { index, integer, pgTable, text } from 'drizzle-orm/pg-core';
import { unixMs } from './types.ts';

/** Protocols that were given keys or a quota. Accounts name their protocol without a row here. */
export const protocols = pgTable('protocols', {
  id: text().primaryKey(),
  /** null = RATE_LIMIT_PER_MINUTE of the deployment. */
  requestsPerMinute: integer('requests_per_minute'),
  createdAt: unixMs('created_at').notNull(),
});

/** API keys; the key itself is never stored. */
export const apiKeys = pgTable(
  'api_keys',
  {
    /** Visible prefix of the key, e.g. `bw_3k9f0a2m7q`. */
    id: text().primaryKey(),
    protocol: text().notNull(),
    name: text().notNull(),
    /** SHA-256 of the whole key in hex. */
    hash: text().notNull().unique(),
    scopes: text().array().notNull(),
    /** All wall time. */
    createdAt: unixMs('created_at').notNull(),
    expiresAt: unixMs('expires_at'),
    revokedAt: unixMs('revoked_at'),
    /** Key that this one replaces. */
    rotatedFrom: text('rotated_from'),
  },
  (table) => [index('api_keys_by_protocol').on(table.protocol, table.createdAt)],
);
