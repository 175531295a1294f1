import { doublePrecision, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { unixMs } from './types.ts';

/**
 * Walk-forward series of returns: what was forecast at a time, and what then came. `logReturn` is null until the
 * horizon has passed. Variances are those of the forecast's quantiles, in the order of `levels`.
 */
export const factorReturns = pgTable(
  'factor_returns',
  {
    asset: text().notNull(),
    horizonHours: integer('horizon_hours').notNull(),
    /** Decision time of the forecast: the horizon begins. */
    asOf: unixMs('as_of').notNull(),
    levels: doublePrecision().array().notNull(),
    variances: doublePrecision().array().notNull(),
    model: text().notNull(),
    version: text().notNull(),
    logReturn: doublePrecision('log_return'),
  },
  (table) => [
    primaryKey({ columns: [table.asset, table.horizonHours, table.asOf] }),
    index('factor_returns_as_of').on(table.asOf),
  ],
);
