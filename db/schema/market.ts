import { doublePrecision, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
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

/** Funding rates of perpetuals as they were paid, by coin. */
export const fundingPayments = pgTable(
  'funding_payments',
  {
    coin: text().notNull(),
    ts: unixMs().notNull(),
    rate: doublePrecision().notNull(),
  },
  (table) => [primaryKey({ columns: [table.coin, table.ts] })],
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
    /** What the feed remembered when it was judged; null where nothing was, and in rows older than this column. */
    memory: exactJson(),
    configHash: text('config_hash').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.feed, table.bucket] }),
    uniqueIndex('price_snapshots_feed_as_of').on(table.feed, table.asOf),
    index('price_snapshots_as_of').on(table.asOf),
  ],
);

/** What is kept of a feed's hour when its snapshots are deleted. */
export const priceHours = pgTable(
  'price_hours',
  {
    feed: text().notNull(),
    hour: unixMs().notNull(),
    /** First, highest, lowest and last price of the hour; null when there was none all hour. */
    openWad: wad('open_wad'),
    highWad: wad('high_wad'),
    lowWad: wad('low_wad'),
    closeWad: wad('close_wad'),
    snapshots: integer().notNull(),
    /** Snapshots in which no price could be formed. */
    unpriced: integer().notNull(),
    /** Snapshots whose price was refused for margin. */
    refused: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.feed, table.hour] })],
);

/** Up to which market time everything that answers about past moments read is written; at most one row. */
export const settledMoments = pgTable('settled_moments', {
  id: integer().primaryKey(),
  settledUntil: unixMs('settled_until').notNull(),
});
