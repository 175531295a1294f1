import { eq, sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { IdempotencyKeyConflictError, SequenceConflictError } from '../../../db/errors.ts';
import { getAccount, listAccounts } from '../../../db/queries/accounts.ts';
import { type PutPositions, putPositions } from '../../../db/queries/put-positions.ts';
import { outbox } from '../../../db/schema/outbox.ts';
import { useDatabase } from '../../helpers/use.ts';

const database = await useDatabase();

const put = (over: Partial<PutPositions> = {}): PutPositions => ({
  protocol: 'alpha',
  account: 'a-1',
  sequence: 1n,
  cashWad: -1_500_000_000_000_000_000n,
  positions: [
    {
      kind: 'perp',
      id: 'p1',
      market: 'BTC-PERP',
      sizeWad: 2n * 10n ** 18n,
      entryPriceWad: 60_000n * 10n ** 18n,
      unsettledFundingWad: -7n,
      chain: null,
    },
    { kind: 'collateral', id: 'c1', asset: 'ETH', amountWad: 10n ** 18n, chain: 'hub' },
  ],
  marketTimeMs: 1_700_000_000_000,
  nowMs: 1_800_000_000_123,
  ...over,
});
const outboxCount = async () =>
  (await database.orm.select().from(outbox).where(eq(outbox.topic, 'positions.changed'))).length;

describe('putPositions', () => {
  it('stores what it was given, exactly, and one outbox row with it', async () => {
    const before = await outboxCount();
    const { ack, replayed } = await putPositions(database, put({ account: 'exact' }));
    expect({ ack, replayed }).toEqual({
      ack: {
        protocol: 'alpha',
        account: 'exact',
        sequence: 1n,
        changed: true,
        marketTimeMs: 1_700_000_000_000,
        acceptedAtMs: 1_800_000_000_123,
      },
      replayed: false,
    });
    const stored = await getAccount(database.orm, 'alpha', 'exact');
    expect(stored).toEqual({
      protocol: 'alpha',
      account: 'exact',
      sequence: 1n,
      cashWad: put().cashWad,
      positions: put().positions,
      marketTimeMs: 1_700_000_000_000,
      updatedAtMs: 1_800_000_000_123,
    });
    expect(await outboxCount()).toBe(before + 1);
    expect(await getAccount(database.orm, 'beta', 'exact')).toBeNull();
  });

  it('refuses an older sequence with both numbers and stores nothing', async () => {
    await putPositions(database, put({ account: 'old', sequence: 9_007_199_254_740_993n }));
    const before = await outboxCount();
    const refused = await putPositions(database, put({ account: 'old', sequence: 5n, cashWad: 0n })).catch(
      (e) => e,
    );
    expect(refused).toBeInstanceOf(SequenceConflictError);
    expect(refused).toMatchObject({
      type: 'sequence-conflict',
      kind: 'conflict',
      given: 5n,
      stored: 9_007_199_254_740_993n,
    });
    expect((await getAccount(database.orm, 'alpha', 'old'))?.cashWad).toBe(put().cashWad);
    expect(await outboxCount()).toBe(before);
  });

  it('takes an equal sequence with identical content (in any order) as done, and refuses it with other content', async () => {
    await putPositions(database, put({ account: 'same', sequence: 3n }));
    const before = await outboxCount();
    const again = await putPositions(
      database,
      put({ account: 'same', sequence: 3n, positions: [...put().positions].reverse(), marketTimeMs: 1 }),
    );
    expect(again.ack.changed).toBe(false);
    expect(again.ack.marketTimeMs).toBe(1_700_000_000_000);
    await expect(
      putPositions(database, put({ account: 'same', sequence: 3n, cashWad: 1n })),
    ).rejects.toMatchObject({
      type: 'sequence-conflict',
      given: 3n,
      stored: 3n,
    });
    expect(await outboxCount()).toBe(before);
  });

  it('gives the stored answer to a repeated idempotency key, even after newer positions', async () => {
    const first = put({ account: 'idem', sequence: 1n, idempotencyKey: 'k1' });
    const given = await putPositions(database, first);
    await putPositions(database, put({ account: 'idem', sequence: 2n }));
    const repeat = await putPositions(database, { ...first, nowMs: 1_900_000_000_000 });
    expect(repeat).toEqual({ ack: given.ack, replayed: true });
    expect((await getAccount(database.orm, 'alpha', 'idem'))?.sequence).toBe(2n);
  });

  it('refuses a key that comes back with another request, also of another account', async () => {
    await putPositions(database, put({ account: 'idem2', idempotencyKey: 'k2' }));
    for (const other of [{ cashWad: 0n }, { sequence: 2n }, { account: 'idem3' }]) {
      const refused = putPositions(database, put({ account: 'idem2', idempotencyKey: 'k2', ...other }));
      await expect(refused).rejects.toBeInstanceOf(IdempotencyKeyConflictError);
    }
    // Keys belong to a protocol: another one may use the same.
    const elsewhere = await putPositions(database, put({ protocol: 'beta', idempotencyKey: 'k2' }));
    expect(elsewhere.replayed).toBe(false);
  });

  it('does not keep a key whose request was refused', async () => {
    await putPositions(database, put({ account: 'keep', sequence: 5n }));
    await expect(
      putPositions(database, put({ account: 'keep', sequence: 4n, idempotencyKey: 'k3' })),
    ).rejects.toMatchObject({ type: 'sequence-conflict' });
    const fixed = await putPositions(database, put({ account: 'keep', sequence: 6n, idempotencyKey: 'k3' }));
    expect(fixed).toMatchObject({ replayed: false, ack: { sequence: 6n, changed: true } });
  });

  it('lets one of many concurrent repeats through and answers all alike', async () => {
    const before = await outboxCount();
    const request = put({ account: 'race', idempotencyKey: 'k4' });
    const answers = await Promise.all(Array.from({ length: 8 }, () => putPositions(database, request)));
    expect(answers.filter((answer) => !answer.replayed)).toHaveLength(1);
    for (const answer of answers) expect(answer.ack).toEqual(answers[0]!.ack);
    expect(await outboxCount()).toBe(before + 1);
  });
});

describe('listAccounts', () => {
  it('pages through every account once, in key order, and shards without overlap', async () => {
    for (let i = 0; i < 25; i += 1) {
      await putPositions(
        database,
        put({ protocol: `list-${i % 3}`, account: `acc-${String(i).padStart(2, '0')}` }),
      );
    }
    const all: string[] = [];
    let after = null;
    do {
      const page = await listAccounts(database.orm, { protocol: 'list-1', after, limit: 3 });
      all.push(...page.accounts.map((a) => a.account));
      after = page.next;
    } while (after);
    expect(all).toEqual(['acc-01', 'acc-04', 'acc-07', 'acc-10', 'acc-13', 'acc-16', 'acc-19', 'acc-22']);

    const total = await database.orm.execute<{ n: string }>(sql`select count(*) as n from accounts`);
    const keys = new Set<string>();
    const sizes = [];
    for (let index = 0; index < 3; index += 1) {
      const { accounts } = await listAccounts(database.orm, { limit: 1_000, shard: { index, count: 3 } });
      sizes.push(accounts.length);
      for (const a of accounts) keys.add(`${a.protocol}/${a.account}`);
    }
    expect(keys.size).toBe(Number(total.rows[0]!.n));
    expect(sizes.reduce((a, b) => a + b)).toBe(keys.size);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });
});
