import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs } from './types.ts';

/** Volatility forecasts as made; one row per decision time, horizon and model version. */
export const forecasts = pgTable(
  'forecasts',
  {
    asset: text().notNull(),
    horizonHours: integer('horizon_hours').notNull(),
    asOf: unixMs('as_of').notNull(),
    model: text().notNull(),
    version: text().notNull(),
    body: exactJson().notNull(),
    createdAt: unixMs('created_at').notNull(),
    /** Market time from which it was used; null = its decision time, in rows older than this column. */
    inForceFrom: unixMs('in_force_from'),
  },
  (table) => [
    primaryKey({ columns: [table.asset, table.horizonHours, table.asOf, table.model, table.version] }),
    index('forecasts_as_of').on(table.asOf),
  ],
);

/**
 * The predictive buffer's schedule per asset, horizon and set of buffer parameters (named by `key`); `schedule` is
 * opaque to storage.
 */
export const bufferSchedules = pgTable(
  'buffer_schedules',
  {
    asset: text().notNull(),
    horizonHours: integer('horizon_hours').notNull(),
    key: text().notNull().default(''),
    /** Market time of the forecast that last advanced it. */
    updatedAt: unixMs('updated_at').notNull(),
    schedule: exactJson().notNull(),
  },
  (table) => [primaryKey({ columns: [table.asset, table.horizonHours, table.key] })],
);

/** Every schedule that was in force, for answers about past moments. */
export const bufferScheduleHistory = pgTable(
  'buffer_schedule_history',
  {
    asset: text().notNull(),
    horizonHours: integer('horizon_hours').notNull(),
    key: text().notNull().default(''),
    updatedAt: unixMs('updated_at').notNull(),
    schedule: exactJson().notNull(),
    /** Market time from which it was used; null = `updated_at`, in rows older than this column. */
    inForceFrom: unixMs('in_force_from'),
  },
  (table) => [
    primaryKey({ columns: [table.asset, table.horizonHours, table.key, table.updatedAt] }),
    index('buffer_schedule_history_updated_at').on(table.updatedAt),
  ],
);
