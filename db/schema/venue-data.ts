import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs } from './types.ts';

/** What a venue said last about each of its markets: surface, forwards, funding, depth. One row per market. */
export const venueData = pgTable(
  'venue_data',
  {
    protocol: text().notNull(),
    market: text().notNull(),
    /** Given by the protocol; only ever grows. */
    sequence: bigint({ mode: 'bigint' }).notNull(),
    /** Market time at which the venue made it. */
    asOf: unixMs('as_of').notNull(),
    maxAgeMs: bigint('max_age_ms', { mode: 'number' }).notNull(),
    data: exactJson().notNull(),
    /** SHA-256 of everything but the sequence: tells a repeat from a contradiction. */
    contentHash: text('content_hash').notNull(),
    updatedAt: unixMs('updated_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.protocol, table.market] })],
);

/**
 * What past answers need of venue data, by the market time from which it counted: funding, settlement prices, totals; not the
 * surfaces and order books, which are pushed by the second. Retention keeps the last one before its limit.
 */
export const venueDataHistory = pgTable(
  'venue_data_history',
  {
    protocol: text().notNull(),
    market: text().notNull(),
    sequence: bigint({ mode: 'bigint' }).notNull(),
    marketTime: unixMs('market_time').notNull(),
    asOf: unixMs('as_of').notNull(),
    maxAgeMs: bigint('max_age_ms', { mode: 'number' }).notNull(),
    /** null: from then on nothing that is kept was told. */
    data: exactJson(),
  },
  (table) => [
    primaryKey({ columns: [table.protocol, table.market, table.sequence] }),
    index('venue_data_history_market_time').on(table.marketTime),
  ],
);
