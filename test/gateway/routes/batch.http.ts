import { describe, expect, test } from 'vitest';
import { DatabaseUnavailableError } from '../../../db/errors.ts';
import { asker, pick } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';

const PATH = '/v1/accounts/positions/batch';
const update = (accountId: string, sequence: number, over: object = {}) => ({
  accountId,
  sequence,
  ...BOOK,
  ...over,
});
const batch = (...updates: object[]) => jsonRequest('POST', { updates });

describe('POST /v1/accounts/positions/batch', () => {
  test('stores every account and tells each apart from the others', async () => {
    const ask = asker(createWorld());
    await ask('/v1/accounts/bob/positions', jsonRequest('PUT', { sequence: 5, ...BOOK }));
    const { status, json } = await ask(PATH, batch(update('alice', 1), update('bob', 4), update('carol', 9)));
    expect(status).toBe(200);
    expect(json).toMatchObject({
      results: [
        { accountId: 'alice', stored: { sequence: 1, replayed: false, positionCount: 3 }, problem: null },
        { accountId: 'bob', stored: null, problem: { status: 409, type: '/errors/sequence-conflict' } },
        { accountId: 'carol', stored: { sequence: 9 }, problem: null },
      ],
    });
    const again = await ask(PATH, batch(update('alice', 1), update('carol', 9)));
    expect(again.json).toMatchObject({
      results: [{ stored: { replayed: true } }, { stored: { replayed: true } }],
    });
    expect(pick((await ask('/v1/accounts')).json, 'accounts', 'length')).toBe(3);
  });

  test.each([
    [[], 'updates'],
    [[update('alice', 1), update('alice', 2)], 'updates[1].accountId'],
    [[update('a b', 1)], 'updates[0].accountId'],
    [[update('alice', -1)], 'updates[0].sequence'],
    [Array.from({ length: 1001 }, (_, i) => update(`a${i}`, 1, { positions: [] })), 'updates'],
  ])('refuses what is not well formed and stores nothing', async (updates, field) => {
    const world = createWorld();
    const { json } = await asker(world)(PATH, batch(...updates));
    expect((pick(json, 'errors') as { field: string }[]).map((e) => e.field)).toContain(field);
    expect(pick(json, 'status')).toBe(400);
    expect(world.accounts.stored.size).toBe(0);
  });

  test('10,000 positions in all are the limit', async () => {
    const world = createWorld({ maxBodyBytes: 4_000_000 });
    const positions = Array.from({ length: 5001 }, (_, i) => ({
      kind: 'collateral',
      id: `c${i}`,
      asset: 'ETH',
      amount: '1',
    }));
    const { json } = await asker(world)(
      PATH,
      batch(update('a', 1, { positions }), update('b', 1, { positions })),
    );
    expect(json).toMatchObject({
      status: 400,
      errors: [{ field: 'updates', message: 'must have at most 10000 positions in all' }],
    });
  });

  test('when the storage goes away the whole batch is to be sent again', async () => {
    const world = createWorld({
      override: (ports) => ({
        ...ports,
        accounts: {
          ...ports.accounts,
          putPositions: (input) =>
            input.accountId === 'bob'
              ? Promise.reject(new DatabaseUnavailableError('no answer'))
              : ports.accounts.putPositions(input),
        },
      }),
    });
    expect((await asker(world)(PATH, batch(update('alice', 1), update('bob', 1)))).status).toBe(503);
  });
});

describe('DELETE /v1/accounts/{id}/positions', () => {
  const URL_ALICE = '/v1/accounts/alice/positions';
  const close = (sequence: string | number) =>
    [`${URL_ALICE}?sequence=${sequence}`, { method: 'DELETE' }] as const;

  test('closes the account, and a late update does not bring it back', async () => {
    const ask = asker(createWorld());
    await ask(URL_ALICE, jsonRequest('PUT', { sequence: 1, ...BOOK }));
    expect((await ask(...close(3))).json).toMatchObject({ sequence: 3, positionCount: 0, replayed: false });
    expect((await ask(...close(3))).json).toMatchObject({ replayed: true });
    expect((await ask(URL_ALICE, jsonRequest('PUT', { sequence: 2, ...BOOK }))).status).toBe(409);
    expect((await ask(URL_ALICE)).json).toMatchObject({ sequence: 3, cash: '0', positions: [] });
  });

  test('an unknown account is 404, an older number 409, a wrong one 400', async () => {
    const world = createWorld();
    const ask = asker(world);
    expect((await ask(...close(1))).status).toBe(404);
    expect(world.accounts.stored.size).toBe(0);
    await ask(URL_ALICE, jsonRequest('PUT', { sequence: 5, ...BOOK }));
    expect((await ask(...close(4))).status).toBe(409);
    for (const wrong of ['', '-1', '1.5', '01', '9999999999999999', 'x']) {
      expect((await ask(...close(wrong))).json).toMatchObject({
        status: 400,
        errors: [{ field: 'sequence' }],
      });
    }
    expect((await ask(URL_ALICE, { method: 'DELETE' })).json).toMatchObject({
      status: 400,
      errors: [{ field: 'sequence', message: 'is required' }],
    });
  });
});
