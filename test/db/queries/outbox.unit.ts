import { describe, expect, it, vi } from 'vitest';
import { addToOutbox, type OutboxEntry, outboxBacklog, relayOutbox } from '../../../db/queries/outbox.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';

const database = await useDatabase();

const T = 1_800_000_000_000;
const add = (n: number, nowMs = T) => addToOutbox(database.orm, 'test', [{ n }], nowMs);
const numberOf = (entry: OutboxEntry) => (entry.payload as { n: number }).n;

describe('outbox', () => {
  it('hands every entry to exactly one of several relays', async () => {
    for (let n = 0; n < 60; n += 1) await add(n);
    expect(await outboxBacklog(database.orm)).toEqual({ pending: 60, oldestMs: T });
    const seen: number[] = [];
    const relay = async () => {
      for (;;) {
        const batch = await relayOutbox(database, async (entry) => void seen.push(numberOf(entry)), {
          limit: 7,
          nowMs: T,
        });
        if (batch.dispatched === 0) return;
      }
    };
    await Promise.all([relay(), relay(), relay()]);
    // A relay that found only locked rows may have left early; what it skipped was done by their holder.
    await relay();
    expect(seen.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
    expect(await outboxBacklog(database.orm)).toEqual({ pending: 0, oldestMs: null });
  });

  it('skips rows that another relay holds', async () => {
    await add(1);
    await add(2);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let holding = false;
    const slow = relayOutbox(
      database,
      () => {
        holding = true;
        return held;
      },
      { limit: 1, nowMs: T },
    );
    await until('the first relay holds a row', () => holding);
    const seen: number[] = [];
    const quick = await relayOutbox(database, async (entry) => void seen.push(numberOf(entry)), { nowMs: T });
    release();
    expect([quick.dispatched, seen]).toEqual([1, [2]]);
    expect((await slow).dispatched).toBe(1);
  });

  it('puts a failed entry off, longer each time, and counts its tries', async () => {
    await add(9);
    const attempts: number[] = [];
    const failing = async (entry: OutboxEntry) => {
      attempts.push(entry.attempts);
      throw new Error('webhook answered 500');
    };
    expect(await relayOutbox(database, failing, { nowMs: T })).toEqual({ dispatched: 0, failed: 1 });
    expect(await relayOutbox(database, failing, { nowMs: T + 999 })).toEqual({ dispatched: 0, failed: 0 });
    expect(await relayOutbox(database, failing, { nowMs: T + 1_000 })).toEqual({ dispatched: 0, failed: 1 });
    expect(await relayOutbox(database, failing, { nowMs: T + 2_999 })).toEqual({ dispatched: 0, failed: 0 });
    const done = await relayOutbox(database, async (entry) => void attempts.push(entry.attempts), {
      nowMs: T + 3_000,
    });
    expect(done).toEqual({ dispatched: 1, failed: 0 });
    expect(attempts).toEqual([0, 1, 2]);
  });

  it('keeps an entry whose dispatch was not committed', async () => {
    await add(5);
    const killed = relayOutbox(
      database,
      async () => {
        // The session is terminated from outside while the dispatch runs.
        await database.pool.query(
          `select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction' and datname = current_database()`,
        );
      },
      { nowMs: T },
    );
    await expect(killed).rejects.toMatchObject({ type: 'database-unavailable' });
    const seen: number[] = [];
    await relayOutbox(database, async (entry) => void seen.push(numberOf(entry)), { nowMs: T });
    expect(seen).toEqual([5]);
  });

  it('is due by the clock of the database, whatever the clock of the process says', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    try {
      await addToOutbox(database.orm, 'test', [{ n: 900 }]);
    } finally {
      vi.useRealTimers();
    }
    const seen: number[] = [];
    await relayOutbox(database, async (entry) => void seen.push(numberOf(entry)));
    expect(seen).toContain(900);
  });
});
