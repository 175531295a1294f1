import { describe, expect, test } from 'vitest';
import { asker, pick } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';

const put = (sequence: number, book: object = BOOK, headers: Record<string, string> = {}) =>
  jsonRequest('PUT', { sequence, ...book }, headers);
const URL_ALICE = '/v1/accounts/alice/positions';

describe('PUT and GET /v1/accounts/{id}/positions', () => {
  test('stores a book and gives it back exactly', async () => {
    const ask = asker(createWorld());
    const book = {
      cash: '-0.000000000000000001',
      positions: [
        {
          kind: 'perp',
          id: 'p1',
          market: 'BTC-PERP',
          size: '-1.50',
          entryPrice: '00058000.10',
          chain: 'hub',
        },
        {
          kind: 'collateral',
          id: 'c1',
          asset: 'USDC',
          amount: '999999999999999999999999999999.999999999999999999',
        },
      ],
    };
    expect((await ask(URL_ALICE, put(7, book))).json).toEqual({
      accountId: 'alice',
      sequence: 7,
      replayed: false,
      positionCount: 2,
      updatedAt: '2026-03-14T15:00:00.000Z',
    });
    expect((await ask(URL_ALICE)).json).toEqual({
      accountId: 'alice',
      sequence: 7,
      updatedAt: '2026-03-14T15:00:00.000Z',
      cash: '-0.000000000000000001',
      positions: [
        {
          kind: 'perp',
          id: 'p1',
          market: 'BTC-PERP',
          size: '-1.5',
          entryPrice: '58000.1',
          unsettledFunding: '0',
          chain: 'hub',
        },
        {
          kind: 'collateral',
          id: 'c1',
          asset: 'USDC',
          amount: '999999999999999999999999999999.999999999999999999',
          chain: null,
        },
      ],
    });
  });

  test('an update replaces the whole book; an empty one closes it', async () => {
    const ask = asker(createWorld());
    await ask(URL_ALICE, put(1));
    await ask(URL_ALICE, put(2, { cash: '5', positions: [] }));
    expect((await ask(URL_ALICE)).json).toMatchObject({ sequence: 2, cash: '5', positions: [] });
  });

  test('an older update never overwrites a newer one', async () => {
    const world = createWorld();
    const ask = asker(world);
    await ask(URL_ALICE, put(5));
    const old = await ask(URL_ALICE, put(4, { cash: '0', positions: [] }));
    expect(old.json).toMatchObject({
      status: 409,
      type: '/errors/sequence-conflict',
      errors: [{ field: 'sequence' }],
      details: { given: '4', stored: '5' },
    });
    expect((await ask(URL_ALICE)).json).toMatchObject({ sequence: 5, cash: '1000' });
  });

  test('the same update again is a replay, whatever the order; another book under its number is refused', async () => {
    const ask = asker(createWorld());
    await ask(URL_ALICE, put(5));
    const reordered = { ...BOOK, positions: [...BOOK.positions].reverse() };
    expect((await ask(URL_ALICE, put(5, reordered))).json).toMatchObject({ replayed: true, sequence: 5 });
    expect((await ask(URL_ALICE, put(5, { ...BOOK, cash: '1001' }))).status).toBe(409);
  });

  test('an idempotency key answers a repeat as before and refuses another request', async () => {
    const ask = asker(createWorld());
    const key = { 'Idempotency-Key': 'a-1' };
    expect((await ask(URL_ALICE, put(1, BOOK, key))).json).toMatchObject({ replayed: false });
    await ask(URL_ALICE, put(2, BOOK));
    expect((await ask(URL_ALICE, put(1, BOOK, key))).json).toMatchObject({ replayed: true, sequence: 1 });
    expect((await ask(URL_ALICE, put(3, BOOK, key))).json).toMatchObject({
      status: 409,
      type: '/errors/idempotency-key-conflict',
    });
    expect((await ask(URL_ALICE)).json).toMatchObject({ sequence: 2 });
  });

  test.each(['has space', 'x'.repeat(256)])('idempotency key %s is refused', async (key) => {
    const world = createWorld();
    const { json } = await asker(world)(URL_ALICE, put(1, BOOK, { 'Idempotency-Key': key }));
    expect(json).toMatchObject({ status: 400, errors: [{ field: 'Idempotency-Key' }] });
    expect(world.accounts.stored.size).toBe(0);
  });

  test('an unknown account is 404', async () => {
    expect((await asker(createWorld())(URL_ALICE)).json).toMatchObject({
      status: 404,
      type: '/errors/unknown-account',
    });
  });
});

describe('GET /v1/accounts', () => {
  test('pages through all accounts once, ascending', async () => {
    const ask = asker(createWorld());
    const names = Array.from({ length: 7 }, (_, i) => `acct-${i}`);
    for (const name of [...names].reverse()) {
      await ask(`/v1/accounts/${name}/positions`, put(1, { cash: '1', positions: [] }));
    }
    const seen: unknown[] = [];
    let cursor: unknown = null;
    do {
      const page = await ask(`/v1/accounts?limit=3${cursor === null ? '' : `&cursor=${cursor}`}`);
      seen.push(...(pick(page.json, 'accounts') as { accountId: string }[]).map((a) => a.accountId));
      cursor = pick(page.json, 'nextCursor');
    } while (cursor !== null);
    expect(seen).toEqual(names);
  });

  test('a page that ends exactly at the end has no next cursor', async () => {
    const ask = asker(createWorld());
    await ask(URL_ALICE, put(1));
    expect((await ask('/v1/accounts?limit=1')).json).toMatchObject({
      accounts: [{ accountId: 'alice', sequence: 1, positionCount: 3 }],
      nextCursor: null,
    });
  });

  test.each([
    'limit=0',
    'limit=1001',
    'limit=-1',
    'limit=1e2',
    'limit=',
    'cursor=zzz',
    'cursor=YTo',
    'status=',
  ])('refuses %s', async (query) => {
    const { json } = await asker(createWorld())(`/v1/accounts?${query}`);
    expect(json).toMatchObject({ status: 400, errors: [{ field: query.split('=')[0] }] });
  });
});
