import { index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs, wad } from './types.ts';

/** Documents by which account owners let two protocols net their accounts. A row is made by the first filing. */
export const nettingConsents = pgTable('netting_consents', {
  /** EIP-712 digest of the document in the domain of the deployment, 0x hex. */
  id: text().primaryKey(),
  /** As it was signed. */
  document: exactJson().notNull(),
  /** Market time, as everything here: past answers are formed from it. */
  validUntil: unixMs('valid_until').notNull(),
  /** When both protocols had filed it; null before. */
  inForceFrom: unixMs('in_force_from'),
  /** For good: the document never counts again. */
  endedAt: unixMs('ended_at'),
  /** `owner`, or the protocol that withdrew. */
  endedBy: text('ended_by'),
});

/** What one protocol said of its side: the account is the owner's, and it accepts. */
export const consentFilings = pgTable(
  'consent_filings',
  {
    consent: text().notNull(),
    protocol: text().notNull(),
    account: text().notNull(),
    signature: text().notNull(),
    /** Most of its requirements that it lets go; null = no cap of its own. */
    maxReliefWad: wad('max_relief_wad'),
    filedBy: text('filed_by').notNull(),
    filedAt: unixMs('filed_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.consent, table.protocol] }),
    index('consent_filings_by_account').on(table.protocol, table.account),
    index('consent_filings_by_protocol').on(table.protocol, table.filedAt, table.consent),
  ],
);
