import { describe, expect, test } from 'vitest';
import { type Ask, asker, pick } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest, type World } from '../support/gateway.ts';

const PATH = '/v1/accounts/alice/margin/simulate';
const EXTRA = { kind: 'perp', id: 'p9', market: 'BTC-PERP', size: '-1', entryPrice: '60000' };

async function withBook(world: World = createWorld()): Promise<Ask> {
  const ask = asker(world);
  await ask('/v1/accounts/alice/positions', jsonRequest('PUT', { sequence: 1, ...BOOK }));
  return ask;
}
const simulate = (...simulations: object[]) => jsonRequest('POST', { simulations });
const at = (json: unknown, index: number, ...path: string[]) =>
  pick(json, 'simulations', index, 'margin', ...path);

describe('POST /v1/accounts/{id}/margin/simulate', () => {
  test('gives the margin of now and after each change, and stores nothing', async () => {
    const ask = await withBook();
    const { status, json } = await ask(
      PATH,
      simulate(
        { label: 'nothing' },
        { label: 'withdraw', cashChange: '-1000.5' },
        { label: 'hedge', set: [EXTRA] },
        { label: 'close', remove: ['p1', 'p2'] },
        { set: [{ ...EXTRA, id: 'p1', size: '2' }] },
      ),
    );
    expect(status).toBe(200);
    const { json: now } = await ask('/v1/accounts/alice/margin');
    expect(pick(json, 'current')).toEqual(now);
    expect(pick(json, 'simulations', 0, 'label')).toBe('nothing');
    expect(at(json, 0)).toEqual({ ...(now as object), accountId: null, sequence: null });
    expect(at(json, 1, 'equity')).toBe('32212');
    // The hedge of equal size takes the perp margin of BTC away and leaves that of ETH and the collateral.
    expect(at(json, 2, 'equity')).toBe('33212.5');
    expect(Number(at(json, 2, 'requirement', 'initial'))).toBeLessThan(
      Number(pick(now, 'requirement', 'initial')),
    );
    // 1,000 cash and 30,000 of collateral are left.
    expect(at(json, 3, 'equity')).toBe('31000');
    // p1 is now 2 BTC from 60,000: no profit on it.
    expect(at(json, 4, 'equity')).toBe('31212.5');
    expect(pick(json, 'simulations', 4, 'label')).toBeNull();
    expect((await ask('/v1/accounts/alice/positions')).json).toMatchObject({ sequence: 1, cash: '1000' });
  });

  test.each([
    [[], 'simulations'],
    [[{ remove: ['p1', 'nope'] }], 'simulations[0].remove[1]'],
    [[{}, { set: [{ ...EXTRA, market: 'DOGE-PERP' }] }], 'simulations[1].set[0].market'],
    [[{ set: [{ ...EXTRA, chain: 'moon' }] }], 'simulations[0].set[0].chain'],
    [[{ set: [{ ...EXTRA, size: 1 }] }], 'simulations[0].set[0].size'],
    [[{ set: [EXTRA, EXTRA] }], 'simulations[0].set[1].id'],
    [[{ set: [{ ...EXTRA, id: 'p1' }], remove: ['p1'] }], 'simulations[0].set[0].id'],
    [[{ cashChange: 'NaN' }], 'simulations[0].cashChange'],
    [[{ cash: '1' }], 'simulations[0].cash'],
    [Array(101).fill({}), 'simulations'],
  ])('refuses %j', async (simulations, field) => {
    const { json } = await (await withBook())(PATH, simulate(...simulations));
    expect(json).toMatchObject({ status: 400 });
    expect((pick(json, 'errors') as { field: string }[]).map((e) => e.field)).toContain(field);
  });

  test('one request values a bounded number of positions', async () => {
    const ask = asker(createWorld({ maxBodyBytes: 4_000_000 }));
    const positions = Array.from({ length: 5000 }, (_, i) => ({ ...EXTRA, id: `p${i}` }));
    await ask('/v1/accounts/alice/positions', jsonRequest('PUT', { sequence: 1, cash: '1', positions }));
    expect((await ask(PATH, simulate({}, {}, {}, {}, {}))).json).toMatchObject({
      status: 400,
      errors: [{ field: 'simulations', message: 'must value at most 20000 positions in all' }],
    });
  });

  test('an unknown account is 404', async () => {
    expect((await asker(createWorld())(PATH, simulate({}))).status).toBe(404);
  });
});
