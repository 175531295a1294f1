import { pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
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
