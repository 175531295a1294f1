import { getTableName } from 'drizzle-orm';
import { accounts, idempotencyKeys } from '../schema/accounts.ts';
import { bufferSchedules, forecasts } from '../schema/forecasts.ts';
import { marginStatuses } from '../schema/margin.ts';
import { candles, priceHours, priceSnapshots } from '../schema/market.ts';
import { outbox } from '../schema/outbox.ts';

/** Every table of ours, by name; a test checks it against the schema. */
export function backupTables(): readonly string[] {
  const tables = [
    accounts,
    idempotencyKeys,
    outbox,
    marginStatuses,
    bufferSchedules,
    forecasts,
    candles,
    priceHours,
    priceSnapshots,
  ];
  return tables.map((table) => getTableName(table));
}
