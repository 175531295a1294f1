import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs } from './types.ts';

/**
 * What was decided, one chain of hashes per protocol. A trigger refuses every change of a row that is there (see the
 * migration), and `hash` makes one that got round it visible.
 */
export const auditLog = pgTable(
  'audit_log',
  {
    protocol: text().notNull(),
    /** 1, 2, 3, ... within the protocol. */
    sequence: bigint({ mode: 'number' }).notNull(),
    /** Wall time. */
    at: unixMs().notNull(),
    /** `key:<id>`, `signer:<address>`, `cli`, `local` or `job`. */
    actor: text().notNull(),
    action: text().notNull(),
    subject: text().notNull(),
    details: exactJson().notNull(),
    previousHash: text('previous_hash').notNull(),
    hash: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.protocol, table.sequence] })],
);

/** Last entry of each chain: the lock for appending, and the witness that no entry is missing at the end. */
export const auditHeads = pgTable('audit_heads', {
  protocol: text().primaryKey(),
  sequence: bigint({ mode: 'number' }).notNull(),
  hash: text().notNull(),
});
