import { doublePrecision, index, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { exactJson, unixMs, wad } from './types.ts';

/** Hourly candles, stamped at their open. */
export const candles = pgTable(
  'candles',
  {
    asset: text().notNull(),
    ts: unixMs().notNull(),
    open: doublePrecision().notNull(),
    high: doublePrecision().notNull(),
    low: doublePrecision().notNull(),
    close: doublePrecision().notNull(),
    volume: doublePrecision().notNull(),
  },
  (table) => [primaryKey({ columns: [table.asset, table.ts] })],
);

/** Robust prices with their evidence. `bucket` is the start of the snapshot interval: one row per feed and bucket. */
export const priceSnapshots = pgTable(
  'price_snapshots',
  {
    feed: text().notNull(),
    asOf: unixMs('as_of').notNull(),
    bucket: unixMs().notNull(),
    base: text().notNull(),
    quoteAsset: text('quote_asset').notNull(),
    /** null when no price could be formed; the verdicts say why. */
    priceWad: wad('price_wad'),
    confidenceWad: wad('confidence_wad'),
    market: exactJson(),
    verdicts: exactJson().notNull(),
    votes: exactJson().notNull(),
    configHash: text('config_hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.feed, table.bucket] }),
    uniqueIndex('price_snapshots_feed_as_of').on(table.feed, table.asOf),
    index('price_snapshots_as_of').on(table.asOf),
  ],
);
