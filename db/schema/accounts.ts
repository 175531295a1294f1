import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs, wad } from './types.ts';

/** Positions of every account as last acknowledged. An account that was emptied keeps its row and sequence. */
export const accounts = pgTable(
  'accounts',
  {
    protocol: text().notNull(),
    account: text().notNull(),
    /** Given by the protocol; only ever grows. */
    sequence: bigint({ mode: 'bigint' }).notNull(),
    cashWad: wad('cash_wad').notNull(),
    positions: exactJson().notNull(),
    /** SHA-256 of cash and positions: tells a repeat from a contradiction at an equal sequence. */
    contentHash: text('content_hash').notNull(),
    marketTime: unixMs('market_time').notNull(),
    updatedAt: unixMs('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.protocol, table.account] })],
);

/** Every book that was acknowledged, for answers about past moments; retention keeps the last one before its limit. */
export const positionHistory = pgTable(
  'position_history',
  {
    protocol: text().notNull(),
    account: text().notNull(),
    sequence: bigint({ mode: 'bigint' }).notNull(),
    cashWad: wad('cash_wad').notNull(),
    positions: exactJson().notNull(),
    /** Market time from which the book was the account's. */
    marketTime: unixMs('market_time').notNull(),
    updatedAt: unixMs('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.protocol, table.account, table.sequence] }),
    index('position_history_market_time').on(table.marketTime),
  ],
);

/** Answers already given under an idempotency key. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    protocol: text().notNull(),
    key: text().notNull(),
    requestHash: text('request_hash').notNull(),
    response: exactJson().notNull(),
    createdAt: unixMs('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.protocol, table.key] }),
    index('idempotency_keys_created_at').on(table.createdAt),
  ],
);
