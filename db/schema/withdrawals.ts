import { index, pgTable, text } from 'drizzle-orm/pg-core';
import { unixMs, wad } from './types.ts';

/** Withdrawals that signed attestations allow, until they are used or expire: another answer takes them as gone. */
export const withdrawalReservations = pgTable(
  'withdrawal_reservations',
  {
    /** What was signed, 0x hex. */
    digest: text().primaryKey(),
    protocol: text().notNull(),
    account: text().notNull(),
    /** Registry id, and the contract in lower case. */
    chain: text().notNull(),
    consumer: text().notNull(),
    asset: text().notNull(),
    amountWad: wad('amount_wad').notNull(),
    /** Of the book that it was signed for. */
    sequence: wad('sequence').notNull(),
    /** Name of the venue that the contract is; null: it pays from what was pushed. */
    venue: text(),
    /** Of the contract: two that have the same are not both used. */
    nonce: wad('nonce').notNull(),
    /** Market time, as on chain. */
    validUntil: unixMs('valid_until').notNull(),
    issuedAt: unixMs('issued_at').notNull(),
  },
  (table) => [
    index('withdrawal_reservations_by_account').on(table.protocol, table.account),
    index('withdrawal_reservations_valid_until').on(table.validUntil),
  ],
);
