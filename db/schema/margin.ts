import { bigint, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs, wad } from './types.ts';

/** Latest margin status of every account that a sweep has seen. */
export const marginStatuses = pgTable(
  'margin_statuses',
  {
    protocol: text().notNull(),
    account: text().notNull(),
    /** Market time of the prices it was computed from. */
    asOf: unixMs('as_of').notNull(),
    /** Sequence of the positions it was computed from. */
    sequence: bigint({ mode: 'bigint' }).notNull(),
    status: text().notNull(),
    equityWad: wad('equity_wad').notNull(),
    initialWad: wad('initial_wad').notNull(),
    maintenanceWad: wad('maintenance_wad').notNull(),
    body: exactJson().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.protocol, table.account] }),
    index('margin_statuses_by_status').on(table.protocol, table.status, table.account),
  ],
);
