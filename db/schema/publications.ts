import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs, wad } from './types.ts';

/** Parameters that go or went to a hub. All times are wall time. */
export const publications = pgTable(
  'publications',
  {
    /** Hash of what is published; goes on chain as its reference. */
    id: text().primaryKey(),
    protocol: text().notNull(),
    /** `forecast` or `governance`. */
    source: text().notNull(),
    /** `value` (the gateway's key), `parameter` or `bounds` (decisions that approvers of the hub signed). */
    kind: text().notNull(),
    /** Registry id of the hub's chain. */
    hub: text().notNull(),
    market: text().notNull(),
    marketAddress: text('market_address').notNull(),
    updateType: text('update_type').notNull(),
    /** 18 decimals; null for bounds. */
    value: wad(),
    /** What the forecast asked for, before the bounds of the gateway's key. */
    computedValue: wad('computed_value'),
    /** The proposal that it carries out; null for a decision that was handed in signed. */
    proposal: text(),
    /** The publication under whose id they were sent together, its own included; null: alone, or not sent. */
    batch: text(),
    /** The decision as it was signed, with its signatures. */
    decision: exactJson(),
    state: text().notNull(),
    /** Why it waits or was refused. */
    reason: text(),
    attempts: integer().notNull().default(0),
    dueAt: unixMs('due_at').notNull(),
    /** Given by the hub, per market and type. */
    sequence: bigint({ mode: 'bigint' }),
    /** Native fee of all messages, in wei. */
    feeWei: wad('fee_wei'),
    transactionHash: text('transaction_hash'),
    blockNumber: bigint('block_number', { mode: 'bigint' }),
    createdAt: unixMs('created_at').notNull(),
    publishedAt: unixMs('published_at'),
    arrivedAt: unixMs('arrived_at'),
    /** Nothing about it is looked at again. */
    closedAt: unixMs('closed_at'),
    /** Id of the HTTP request that caused it: that handed it in, or approved its proposal; null for what no request did. */
    cause: text(),
  },
  (table) => [
    index('publications_by_protocol').on(table.protocol, table.createdAt, table.id),
    index('publications_by_line').on(table.hub, table.marketAddress, table.updateType, table.createdAt),
    index('publications_by_batch').on(table.batch).where(sql`${table.batch} is not null`),
    index('publications_open').on(table.hub, table.createdAt).where(sql`${table.closedAt} is null`),
  ],
);

/** Where a publication is on its way to each chain. */
export const publicationArrivals = pgTable(
  'publication_arrivals',
  {
    publication: text().notNull(),
    chain: text().notNull(),
    state: text().notNull(),
    /** LayerZero's id of the message, and the message itself; null on the hub's own chain. */
    guid: text(),
    packet: exactJson(),
    reason: text(),
    /** Wall time. */
    arrivedAt: unixMs('arrived_at'),
    /** Head at which the oracle first answered it. */
    blockNumber: bigint('block_number', { mode: 'bigint' }),
    /** Its block can no longer be replaced. */
    settled: boolean().notNull().default(false),
    retries: integer().notNull().default(0),
    /** Earliest next retry, wall time. */
    dueAt: unixMs('due_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.publication, table.chain] })],
);

/** Transactions of the gateway's key, recorded before they are sent: nothing signed is ever forgotten. */
export const chainTransactions = pgTable(
  'chain_transactions',
  {
    chain: text().notNull(),
    sender: text().notNull(),
    nonce: bigint({ mode: 'number' }).notNull(),
    publication: text().notNull(),
    /** `publish`, `schedule`, `execute`, or `resend <chain>`, `deliver <chain>`. */
    step: text().notNull(),
    /** What to sign again with a higher fee. */
    request: exactJson().notNull(),
    /** Every signed version, the last one in use. */
    versions: exactJson().notNull(),
    /** open, mined, reverted, lost (its nonce went to another transaction), final. */
    state: text().notNull(),
    minedHash: text('mined_hash'),
    blockNumber: bigint('block_number', { mode: 'bigint' }),
    createdAt: unixMs('created_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.chain, table.sender, table.nonce] }),
    index('chain_transactions_watched')
      .on(table.chain, table.sender, table.nonce)
      .where(sql`${table.state} in ('open', 'mined', 'reverted')`),
  ],
);
