import { eq } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import {
  getMarginStatus,
  getMarginStatuses,
  listMarginStatuses,
  type StoredMarginStatus,
} from '../../../db/queries/margin-statuses.ts';
import { storeMarginStatuses } from '../../../db/queries/store-margin.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { useDatabase } from '../../helpers/use.ts';

const T0 = Date.UTC(2024, 0, 1);
const database = await useDatabase();

const row = (over: Partial<StoredMarginStatus>): StoredMarginStatus => ({
  protocol: 'alpha',
  account: 'a',
  asOfMs: T0,
  sequence: 1n,
  status: 'healthy',
  equityWad: -(10n ** 48n),
  initialWad: 10n ** 48n,
  maintenanceWad: 1n,
  body: { lines: [{ equityWad: 1n }] },
  ...over,
});
const store = (...rows: StoredMarginStatus[]) => database.transaction((tx) => storeMarginStatuses(tx, rows));
const effectsOf = async (account: string) =>
  (await database.orm.select().from(outbox).where(eq(outbox.topic, 'margin.status-changed')))
    .map(({ payload }) => payload as { account: string; from: string | null; to: string })
    .filter((payload) => payload.account === account)
    .map(({ from, to }) => [from, to]);

describe('margin statuses', () => {
  it('are stored exactly; a later moment or a newer sequence at the same moment replaces, anything else does not', async () => {
    expect((await store(row({ account: 'x' }))).stored).toBe(1);
    expect(await getMarginStatus(database.orm, 'alpha', 'x')).toEqual(row({ account: 'x' }));
    const later = row({ account: 'x', asOfMs: T0 + 10, sequence: 4n });
    expect((await store(later)).stored).toBe(1);
    for (const stale of [
      { asOfMs: T0 + 9, sequence: 9n },
      { asOfMs: T0 + 10 },
      { asOfMs: T0 + 10, sequence: 4n },
    ]) {
      expect((await store(row({ account: 'x', status: 'insolvent', ...stale }))).stored).toBe(0);
    }
    expect(await getMarginStatus(database.orm, 'alpha', 'x')).toEqual(later);
    expect((await store({ ...later, sequence: 5n })).stored).toBe(1);
  });

  it('put one effect into the outbox per change of status', async () => {
    const at = (n: number, status: StoredMarginStatus['status']) =>
      row({ account: 'y', asOfMs: T0 + n, status });
    await store(at(1, 'healthy'));
    await store(at(2, 'healthy'));
    const { changes } = await store(at(3, 'margin-call'));
    expect(changes).toEqual([{ protocol: 'alpha', account: 'y', from: 'healthy', to: 'margin-call' }]);
    await store(at(2, 'insolvent'));
    expect(await effectsOf('y')).toEqual([
      [null, 'healthy'],
      ['healthy', 'margin-call'],
    ]);
  });

  it('report a change once when two sweeps store the same accounts at the same time', async () => {
    const accounts = Array.from({ length: 20 }, (_, i) => `race-${i}`);
    const sweep = (asOfMs: number, order: readonly string[]) =>
      store(...order.map((account) => row({ account, asOfMs, status: 'warned' })));
    await Promise.all([
      sweep(T0 + 1, accounts),
      sweep(T0 + 1, accounts.toReversed()),
      sweep(T0 + 2, accounts.toReversed()),
      sweep(T0 + 2, accounts),
    ]);
    for (const account of accounts) expect(await effectsOf(account)).toEqual([[null, 'warned']]);
  });

  it('are listed by status in pages, and looked up for one tenant only', async () => {
    const statuses = Array.from({ length: 7 }, (_, i) =>
      row({ protocol: 'beta', account: `b-${i}`, status: i % 2 ? 'margin-call' : 'healthy' }),
    );
    await store(...statuses, row({ protocol: 'gamma', account: 'b-1', status: 'margin-call' }));
    const first = await listMarginStatuses(database.orm, 'beta', { status: 'margin-call', limit: 2 });
    expect([first.statuses.map(({ account }) => account), first.next]).toEqual([['b-1', 'b-3'], 'b-3']);
    const second = await listMarginStatuses(database.orm, 'beta', {
      status: 'margin-call',
      limit: 2,
      after: first.next,
    });
    expect([second.statuses.map(({ account }) => account), second.next]).toEqual([['b-5'], null]);
    expect((await listMarginStatuses(database.orm, 'beta')).statuses).toHaveLength(7);
    const looked = await getMarginStatuses(database.orm, 'gamma', ['b-1', 'b-2']);
    expect(looked.map(({ protocol, account }) => [protocol, account])).toEqual([['gamma', 'b-1']]);
  });
});
