import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs, wad } from './types.ts';

/** What an account had at a venue on chain when it was last read, for when its chain cannot be read. */
export const venueBooks = pgTable(
  'venue_books',
  {
    /** Registry id. */
    chain: text().notNull(),
    /** Address of the venue, in lower case. */
    venue: text().notNull(),
    account: text().notNull(),
    /** Of the book on chain; 0 = no such account. */
    sequence: wad('sequence').notNull(),
    cashWad: wad('cash_wad').notNull(),
    positions: exactJson().notNull(),
    blockNumber: wad('block_number').notNull(),
    blockHash: text('block_hash').notNull(),
    blockTime: unixMs('block_time').notNull(),
    /** Wall time. */
    readAt: unixMs('read_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.chain, table.venue, table.account] })],
);

/**
 * Books at venues by the market time at which they were learned: a row where one was another than before, or could not be
 * read any more. Past answers are formed from it; retention keeps the last one before its limit.
 */
export const venueBookHistory = pgTable(
  'venue_book_history',
  {
    chain: text().notNull(),
    venue: text().notNull(),
    account: text().notNull(),
    /** Market time from which the book counted. */
    marketTime: unixMs('market_time').notNull(),
    sequence: wad('sequence').notNull(),
    cashWad: wad('cash_wad').notNull(),
    positions: exactJson().notNull(),
    /** Block at which it was first seen so. */
    blockNumber: wad('block_number').notNull(),
    blockHash: text('block_hash').notNull(),
    blockTime: unixMs('block_time').notNull(),
    /** Why the venue could not be read from then on: the book is the last one before; null = it could. */
    unreadable: text(),
  },
  (table) => [
    primaryKey({ columns: [table.chain, table.venue, table.account, table.marketTime] }),
    index('venue_book_history_market_time').on(table.marketTime),
  ],
);

/** When each chain was found cut off, and when it was found whole again: a row per change. */
export const chainCuts = pgTable(
  'chain_cuts',
  {
    chain: text().notNull(),
    marketTime: unixMs('market_time').notNull(),
    /** null: it could be read, and its sequencer was up. */
    code: text(),
    message: text(),
  },
  (table) => [primaryKey({ columns: [table.chain, table.marketTime] })],
);
