import { sql } from 'drizzle-orm';
import type { MarginStatus } from '../../risk/modules/module.ts';
import type { Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { marginStatuses } from '../schema/margin.ts';
import { type StoredMarginStatus, upsertMarginStatuses } from './margin-statuses.ts';
import { addToOutbox } from './outbox.ts';
import { type RecordedStatusChange, STATUS_CHANGED } from './status-changes.ts';

export interface StatusChange {
  readonly protocol: string;
  readonly account: string;
  /** null on the first status of the account. */
  readonly from: MarginStatus | null;
  readonly to: MarginStatus;
}

const keyOf = (row: { readonly protocol: string; readonly account: string }) =>
  JSON.stringify([row.protocol, row.account]);

/**
 * Stores statuses unless later ones are there and writes one outbox row (topic `margin.status-changed`) for each
 * account whose status differs from the one before. Call it in a transaction: until it ends, a second call on one of
 * the same accounts waits, so that a change is reported once.
 */
export async function storeMarginStatuses(
  tx: Orm,
  rows: readonly StoredMarginStatus[],
): Promise<{ readonly stored: number; readonly changes: readonly StatusChange[] }> {
  if (rows.length === 0) return { stored: 0, changes: [] };
  const keys = sql.join(
    rows.map((row) => sql`(${row.protocol}, ${row.account})`),
    sql`, `,
  );
  // Locks in one order, so that two sweeps cannot wait for each other.
  const locks = [...new Set(rows.map(keyOf))].sort();
  await withDatabaseErrors(() =>
    tx.execute(
      sql`select pg_advisory_xact_lock(hashtextextended(key, 1)) from jsonb_array_elements_text(${JSON.stringify(locks)}::jsonb) as key`,
    ),
  );
  const before = await withDatabaseErrors(() =>
    tx
      .select({
        protocol: marginStatuses.protocol,
        account: marginStatuses.account,
        status: marginStatuses.status,
      })
      .from(marginStatuses)
      .where(sql`(${marginStatuses.protocol}, ${marginStatuses.account}) in (${keys})`),
  );
  const old = new Map(before.map((row) => [keyOf(row), row.status as MarginStatus]));
  const written = new Set((await upsertMarginStatuses(tx, rows)).map(keyOf));
  const changes: StatusChange[] = [];
  const effects: RecordedStatusChange[] = [];
  for (const row of rows) {
    const { protocol, account, asOfMs, sequence, status: to, equityWad, initialWad, maintenanceWad } = row;
    const from = old.get(keyOf(row)) ?? null;
    if (!written.has(keyOf(row)) || from === to) continue;
    const change = { protocol, account, from, to };
    changes.push(change);
    effects.push({ ...change, asOfMs, sequence, equityWad, initialWad, maintenanceWad });
  }
  await addToOutbox(tx, STATUS_CHANGED, effects);
  return { stored: written.size, changes };
}
