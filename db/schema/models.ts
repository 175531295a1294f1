import { bigserial, index, pgTable, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs } from './types.ts';

/** Decisions about which model serves: promotions, refusals and returns of artifacts, with the figures behind them. */
export const modelDecisions = pgTable(
  'model_decisions',
  {
    id: bigserial({ mode: 'number' }).primaryKey(),
    /** Market time. */
    decidedAt: unixMs('decided_at').notNull(),
    /** Version of the candidate, with the digits of its hash. */
    candidate: text().notNull(),
    /** Version that served at the time. */
    serving: text().notNull(),
    /** `promoted`, `refused` or `waiting`. */
    decision: text().notNull(),
    reason: text().notNull(),
    body: exactJson().notNull(),
  },
  (table) => [index('model_decisions_candidate').on(table.candidate, table.id)],
);
