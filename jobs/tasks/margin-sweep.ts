import { z } from 'zod';
import { MARGIN_CHANNEL } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import { type AccountKey, listAccounts, type StoredAccount } from '../../db/queries/accounts.ts';
import { storeMarginStatuses } from '../../db/queries/store-margin.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { defineTask } from '../task.ts';

/** Margin of one account as the port computed it. */
export interface MarginComputation {
  readonly protocol: string;
  readonly account: string;
  /** Sequence of the positions it was computed from. */
  readonly sequence: bigint;
  /** Market time of the prices it was computed from. */
  readonly asOfMs: UnixMs;
  readonly result: MarginResult;
}

export interface MarginSweepPorts {
  readonly database: Database;
  /**
   * Margins of the accounts at (about) `asOfMs`. An account that cannot be computed is still answered, with status
   * `unknown` and its reasons; one that is left out is counted as failed and keeps its old status.
   */
  compute(
    accounts: readonly StoredAccount[],
    asOfMs: UnixMs,
    signal: AbortSignal,
  ): Promise<readonly MarginComputation[]>;
  /** Accounts of a shard under which nothing is stored, such as those that are on chain only; none when left out. */
  elsewhere?(shard: {
    readonly index: number;
    readonly count: number;
  }): AsyncIterable<readonly Pick<StoredAccount, 'protocol' | 'account'>[]>;
  /** Accounts per page and transaction. Default 200. */
  readonly pageSize?: number;
}

export interface SweepCounts {
  readonly accounts: number;
  readonly stored: number;
  /** Status differs from the one stored before (or is the first). */
  readonly changed: number;
  readonly failed: number;
}

/**
 * Computes the margin of every account of one shard as of one market time and stores it unless a later one is
 * there. A changed status goes to the outbox (topic `margin.status-changed`) in the same transaction.
 */
export const marginSweep = defineTask({
  name: 'margin-sweep',
  payload: z.strictObject({
    asOfMs: z.int().nonnegative(),
    shard: z.strictObject({ index: z.int().nonnegative(), count: z.int().positive() }),
  }),
  timeoutMs: 120_000,
  attempts: 4,
  backoff: { delayMs: 1_000, jitter: 0.5 },
  async run({ asOfMs, shard }, ports: MarginSweepPorts, { signal }): Promise<SweepCounts> {
    const counts = { accounts: 0, stored: 0, changed: 0, failed: 0 };
    const sweep = async (accounts: readonly StoredAccount[]) => {
      const computed = await ports.compute(accounts, asOfMs, signal);
      const { stored, changed } = await storePage(ports.database, computed);
      counts.accounts += accounts.length;
      counts.failed += accounts.length - computed.length;
      counts.stored += stored;
      counts.changed += changed;
    };
    let after: AccountKey | null = null;
    do {
      signal.throwIfAborted();
      const page = await listAccounts(ports.database.orm, { shard, after, limit: ports.pageSize ?? 200 });
      await sweep(page.accounts);
      after = page.next;
    } while (after !== null);
    for await (const page of ports.elsewhere?.(shard) ?? []) {
      signal.throwIfAborted();
      await sweep(page.map((key) => ({ ...NOTHING_STORED, ...key })));
    }
    return counts;
  },
});

/** An account of which there is no row. */
const NOTHING_STORED = { sequence: 0n, cashWad: 0n, positions: [], marketTimeMs: 0, updatedAtMs: 0 } as const;

async function storePage(database: Database, computed: readonly MarginComputation[]) {
  const rows = computed.map(({ result, ...key }) => ({
    ...key,
    status: result.status,
    equityWad: result.equityWad,
    initialWad: result.initialRequirementWad,
    maintenanceWad: result.maintenanceRequirementWad,
    body: result,
  }));
  const { stored, changes } = await database.transaction((tx) => storeMarginStatuses(tx, rows));
  for (const { protocol, account, from, to } of changes) {
    database.announce(MARGIN_CHANNEL, { protocol, account, status: to, previous: from });
  }
  return { stored, changed: changes.length };
}
