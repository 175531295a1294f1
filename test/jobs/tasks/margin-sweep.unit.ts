import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import type { StoredAccount } from '../../../db/queries/accounts.ts';
import { getMarginStatus } from '../../../db/queries/margin-statuses.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { type MarginSweepPorts, marginSweep } from '../../../jobs/tasks/margin-sweep.ts';
import { marginSweepPlan } from '../../../jobs/tasks/margin-sweep-plan.ts';
import { outboxRelay } from '../../../jobs/tasks/outbox-relay.ts';
import type { MarginResult, MarginStatus } from '../../../risk/modules/module.ts';
import { context } from '../../helpers/task-context.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase, useQueues } from '../../helpers/use.ts';

const T0 = Date.UTC(2024, 0, 1);
const WAD = 10n ** 18n;
const database = await useDatabase();
const backend = await useQueues(database.url);

describe('margin-sweep', () => {
  // Only what storage reads; the sweep carries the rest through unseen.
  const resultOf = (account: StoredAccount, status: MarginStatus) =>
    ({
      equityWad: account.cashWad,
      initialRequirementWad: 2n,
      maintenanceRequirementWad: 1n,
      netInitialWad: account.cashWad - 2n,
      status,
    }) as MarginResult;
  const ports = (asOf: number, status: (account: StoredAccount) => MarginStatus): MarginSweepPorts => ({
    database,
    pageSize: 4,
    compute: async (accounts) =>
      accounts
        .filter(({ account }) => account !== 'left-out')
        .map((account) => ({
          protocol: account.protocol,
          account: account.account,
          sequence: account.sequence,
          asOfMs: asOf,
          result: resultOf(account, status(account)),
        })),
  });
  const sweep = async (asOfMs: number, status: (account: StoredAccount) => MarginStatus) => {
    const total = { accounts: 0, stored: 0, changed: 0, failed: 0 };
    for (const index of [0, 1, 2]) {
      const payload = { asOfMs, shard: { index, count: 3 } };
      const counts = await marginSweep.run(payload, ports(asOfMs, status), context);
      for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += counts[key];
    }
    return total;
  };

  it('covers every account once over its shards, stores later results, reports changes', async () => {
    const accounts = [...Array.from({ length: 20 }, (_, i) => `acc-${i}`), 'left-out'];
    for (const account of accounts) {
      await putPositions(database, {
        protocol: 'alpha',
        account,
        sequence: 1n,
        cashWad: 7n * WAD,
        positions: [],
        marketTimeMs: T0,
      });
    }
    expect(await sweep(T0 + 10, () => 'healthy')).toEqual({
      accounts: 21,
      stored: 20,
      changed: 20,
      failed: 1,
    });
    // The same moment again, as after a crash: nothing is stored twice.
    expect(await sweep(T0 + 10, () => 'healthy')).toEqual({ accounts: 21, stored: 0, changed: 0, failed: 1 });
    const calledOne = ({ account }: StoredAccount) => (account === 'acc-3' ? 'margin-call' : 'healthy');
    expect(await sweep(T0 + 20, calledOne)).toEqual({ accounts: 21, stored: 20, changed: 1, failed: 1 });
    expect(await sweep(T0 + 15, () => 'insolvent')).toEqual({
      accounts: 21,
      stored: 0,
      changed: 0,
      failed: 1,
    });
    expect(await getMarginStatus(database.orm, 'alpha', 'acc-3')).toMatchObject({
      status: 'margin-call',
      asOfMs: T0 + 20,
      equityWad: 7n * WAD,
      body: { netInitialWad: 7n * WAD - 2n },
    });
    const effects = await database.orm.select().from(outbox).where(eq(outbox.topic, 'margin.status-changed'));
    expect(effects).toHaveLength(21);
  });

  it('is planned once per interval however many plan it, and waits for the shard that still runs', async () => {
    let now = T0 + 5_000;
    const plan = { backend, clock: { nowMs: () => now }, intervalMs: 60_000, shards: 3 };
    await Promise.all([1, 2, 3, 4].map(() => marginSweepPlan.run({}, plan, context)));
    now = T0 + 59_999;
    await marginSweepPlan.run({}, plan, context);
    const queue = await backend.queue('margin-sweep');
    const jobs = await queue.getJobs(['waiting']);
    expect(jobs.map(({ id, data }) => [id, data]).toSorted()).toEqual(
      [0, 1, 2].map((index) => [`sweep-${T0}-${index}-of-3`, { asOfMs: T0, shard: { index, count: 3 } }]),
    );
    now = T0 + 60_000;
    await marginSweepPlan.run({}, plan, context);
    expect(await queue.getJobCountByTypes('waiting')).toBe(3);
  });

  it('is planned for the next interval after an interval that was planned again when it was done', async () => {
    let now = T0 + 600_000;
    const plan = { backend, clock: { nowMs: () => now }, intervalMs: 60_000, shards: 3 };
    const queue = await backend.queue('margin-sweep');
    const swept: number[] = [];
    const worker = await backend.worker('margin-sweep', async (job) => swept.push(job.data.asOfMs));
    const sweptAt = (asOfMs: number) =>
      until(`three shards at ${asOfMs}`, () => swept.filter((at) => at === asOfMs).length === 3);
    try {
      await until('an empty queue', async () => (await queue.getJobCountByTypes('waiting', 'active')) === 0);
      await marginSweepPlan.run({}, plan, context);
      await sweptAt(now);
      await until('an empty queue', async () => (await queue.getJobCountByTypes('waiting', 'active')) === 0);
      await marginSweepPlan.run({}, plan, context);
      now += 60_000;
      await marginSweepPlan.run({}, plan, context);
      await sweptAt(now);
    } finally {
      await worker.close();
    }
  });
});

describe('outbox-relay', () => {
  it('dispatches everything that is due in batches and says how much', async () => {
    const seen: bigint[] = [];
    const relay = { database, batch: 5, dispatch: async ({ id }: { id: bigint }) => void seen.push(id) };
    const before = (await database.orm.select().from(outbox)).length;
    expect(await outboxRelay.run({}, relay, context)).toEqual({ dispatched: before, failed: 0 });
    expect(new Set(seen).size).toBe(before);
    expect(await outboxRelay.run({}, relay, context)).toEqual({ dispatched: 0, failed: 0 });
  });
});
