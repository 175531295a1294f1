import { beforeEach, describe, expect, it } from 'vitest';
import { forecastsInForce, insertForecasts } from '../../../db/queries/forecasts.ts';
import { bookAt } from '../../../db/queries/position-history.ts';
import { putPositions } from '../../../db/queries/put-positions.ts';
import { settle, settledUntil, unsettled } from '../../../db/queries/settled.ts';
import { query } from '../../helpers/sql.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';

const T0 = Date.UTC(2024, 0, 1);
const database = await useDatabase();
beforeEach(async () => {
  await database.pool.query('delete from settled_moments');
});

const settleAt = (atMs: number) => settle(database, async () => ({ atMs, store: async () => atMs }));
const timeOf = (nowMs: number) => unsettled(database, nowMs, async (_, marketTimeMs) => marketTimeMs);
/** Sessions of this database that wait for a lock. */
const waiting = async () =>
  (
    await query(
      database.url,
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
  ).length;

describe('settled moments', () => {
  it('give later writers a later market time', async () => {
    expect(await settledUntil(database.orm)).toBeNull();
    expect(await timeOf(T0)).toBe(T0);
    expect(await settleAt(T0)).toEqual({ value: T0, takenBackMs: 0 });
    expect(await settledUntil(database.orm)).toBe(T0);
    expect([await timeOf(T0 - 5), await timeOf(T0), await timeOf(T0 + 7)]).toEqual([T0 + 1, T0 + 1, T0 + 7]);
  });

  it('do not go back, but for a clock that did', async () => {
    await settleAt(T0);
    expect([await settleAt(T0), await settleAt(T0 - 60_000)]).toEqual([null, null]);
    expect(await settledUntil(database.orm)).toBe(T0);
    expect(await settleAt(T0 - 60_001)).toEqual({ value: T0 - 60_001, takenBackMs: 60_001 });
    expect(await settledUntil(database.orm)).toBe(T0 - 60_001);
  });

  it('stay as they were when what belongs to the moment cannot be stored', async () => {
    const failing = settle(database, async () => ({
      atMs: T0,
      store: async () => {
        throw new Error('no room');
      },
    }));
    await expect(failing).rejects.toThrow('no room');
    expect(await settledUntil(database.orm)).toBeNull();
  });

  it('wait for writers under way, whose time they then cover', async () => {
    let leave: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      leave = resolve;
    });
    let entered = false;
    const writing = unsettled(database, T0, async (_, marketTimeMs) => {
      entered = true;
      await held;
      return marketTimeMs;
    });
    await until('the writer to be inside', () => entered);
    const settling = settleAt(T0 + 1);
    await until('whoever settles to wait', async () => (await waiting()) > 0);
    leave();
    expect(await writing).toBe(T0);
    expect((await settling)?.value).toBe(T0 + 1);
  });

  it('are given up for now when a writer hangs, which holds up nobody else for long', async () => {
    const hanging = await database.pool.connect();
    try {
      await hanging.query('begin');
      await hanging.query(`select pg_advisory_xact_lock_shared(${0x5345544c})`);
      await expect(settleAt(T0 + 1)).rejects.toMatchObject({ type: 'database-unavailable', retryable: true });
      expect(await timeOf(T0)).toBe(T0);
    } finally {
      await hanging.query('rollback');
      hanging.release();
    }
    expect((await settleAt(T0 + 1))?.value).toBe(T0 + 1);
  });

  it('keep an answer as it was: a book and a forecast that come late are of a later moment', async () => {
    const put = (sequence: bigint, marketTimeMs: number) =>
      putPositions(database, {
        protocol: 'p',
        account: 'a',
        sequence,
        cashWad: sequence,
        positions: [],
        marketTimeMs,
      });
    await put(1n, T0);
    await settleAt(T0 + 10);
    const late = await put(2n, T0 + 5);
    expect(late.ack.marketTimeMs).toBe(T0 + 11);
    const cashAt = async (atMs: number) => {
      const found = await bookAt(database.orm, 'p', 'a', atMs);
      return 'book' in found ? found.book.cashWad : null;
    };
    expect([await cashAt(T0 + 10), await cashAt(T0 + 11)]).toEqual([1n, 2n]);

    const forecast = (model: string) => ({
      asset: 'BTC',
      horizonHours: 24,
      asOfMs: T0,
      model,
      version: '1',
      body: {},
    });
    await insertForecasts(database.orm, [forecast('early')], T0, T0 + 2);
    await unsettled(database, T0 + 3, (tx, marketTimeMs) =>
      insertForecasts(tx, [forecast('late')], T0 + 20, marketTimeMs),
    );
    const inForce = async (atMs: number) =>
      (await forecastsInForce(database.orm, 'BTC', atMs)).map(({ model }) => model);
    expect([await inForce(T0 + 1), await inForce(T0 + 10), await inForce(T0 + 11)]).toEqual([
      [],
      ['early'],
      ['late'],
    ]);
  });
});
