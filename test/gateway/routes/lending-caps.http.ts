import { describe, expect, test } from 'vitest';
import { type Ask, asker, pick } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';

const told = async (ask: Ask, sequence: number, data: object, nowMs = NOW_MS) => {
  const body = { sequence, asOf: new Date(nowMs).toISOString(), ...data };
  expect((await ask('/v1/markets/ETH-SPOT/data', jsonRequest('PUT', body))).status).toBe(200);
};
const stored = async (ask: Ask, positions: object[]) => {
  const put = jsonRequest('PUT', { sequence: 1, cash: '100000', positions });
  expect((await ask('/v1/accounts/lender/positions', put)).status).toBe(200);
};
const capacity = async (ask: Ask, query = '') => (await ask(`/v1/accounts/lender/capacity${query}`)).json;
const ETH = (amount: string) => ({ kind: 'collateral', id: 'c', asset: 'ETH', amount });
const LOAN = (amount: string) => ({ kind: 'loan', id: 'l', market: 'ETH-SPOT', amount });
const remarks = (json: unknown) =>
  (pick(json, 'reasons') as { code: string; message: string }[]).filter(({ code }) => /cap|total/.test(code));

describe('capacity in a lent market', () => {
  test('claims no room under a cap while the venue told no total, or an old one', async () => {
    const world = createWorld();
    const ask = asker(world);
    await stored(ask, []);
    const lending = async () => pick(await capacity(ask), 'lending', 0);
    expect(await lending()).toMatchObject({
      market: 'ETH-SPOT',
      asset: 'ETH',
      supply: { largest: '0', cap: '10000', total: null, reasons: [{ code: 'supply-total-missing' }] },
      borrow: { cap: null, total: null, reasons: [] },
    });
    await told(ask, 1, { supplied: '9000', borrowed: '10' });
    expect(await lending()).toMatchObject({
      supply: { largest: '1000', cap: '10000', total: '9000', reasons: [] },
      borrow: { cap: null, total: '10', reasons: [] },
    });
    await told(ask, 2, { supplied: '10000.5' });
    expect(await lending()).toMatchObject({
      supply: { largest: '0', total: '10000.5', reasons: [{ code: 'supply-cap-reached' }] },
    });
    world.nowMs += 301_000;
    expect(await lending()).toMatchObject({
      supply: { largest: '0', total: null, reasons: [{ code: 'supply-total-stale' }] },
    });
  });

  test('finds the largest borrow that margin covers; one more is not covered', async () => {
    const ask = asker(createWorld());
    await stored(ask, []);
    const largest = Number(pick(await capacity(ask), 'lending', 0, 'borrow', 'largest'));
    expect(largest).toBeGreaterThan(20);
    const netOf = async (amount: number) =>
      Number(
        pick(
          (
            await ask(
              '/v1/margin/simulate',
              jsonRequest('POST', { cash: '100000', positions: [LOAN(amount.toFixed(9))] }),
            )
          ).json,
          'net',
          'initial',
        ),
      );
    expect(await netOf(largest)).toBeGreaterThanOrEqual(0);
    expect(await netOf(largest * 1.000003)).toBeLessThan(0);
  });

  test('leaves lending out where one market is asked for, and borrows nothing without margin', async () => {
    const ask = asker(createWorld());
    await stored(ask, [{ kind: 'perp', id: 'p', market: 'BTC-PERP', size: '-20', entryPrice: '60000' }]);
    expect(pick(await capacity(ask, '?market=BTC-PERP'), 'lending')).toEqual([]);
    expect(pick(await capacity(ask), 'lending', 0, 'borrow')).toMatchObject({
      largest: '0',
      reasons: [{ code: 'not-covered' }],
    });
  });
});

describe('a simulation in a lent market', () => {
  const simulated = async (ask: Ask, amount: string) =>
    remarks(
      (await ask('/v1/margin/simulate', jsonRequest('POST', { cash: '0', positions: [ETH(amount)] }))).json,
    );
  const whatIf = async (ask: Ask, amount: string) => {
    const body = { simulations: [{ set: [ETH(amount)] }] };
    const { json } = await ask('/v1/accounts/lender/margin/simulate', jsonRequest('POST', body));
    expect(remarks(pick(json, 'current'))).toEqual([]);
    return remarks(pick(json, 'simulations', 0, 'margin'));
  };

  test('says what would exceed a cap, and when that cannot be known', async () => {
    const ask = asker(createWorld());
    expect(await simulated(ask, '5')).toEqual([]);
    expect(await simulated(ask, '10001')).toMatchObject([
      {
        code: 'supply-cap-exceeded',
        message: 'the supply of ETH-SPOT would be 10001 or more, its cap is 10000',
      },
    ]);
    await told(ask, 1, { supplied: '9990' });
    expect(await simulated(ask, '10')).toEqual([]);
    expect(await simulated(ask, '11')).toMatchObject([
      { code: 'supply-cap-exceeded', message: 'the supply of ETH-SPOT would be 10001, its cap is 10000' },
    ]);
  });

  test('counts what a change adds to what the account has', async () => {
    const ask = asker(createWorld());
    await stored(ask, [ETH('100')]);
    expect(await whatIf(ask, '110')).toMatchObject([{ code: 'supply-total-missing' }]);
    await told(ask, 1, { supplied: '9990' });
    expect(await whatIf(ask, '110')).toEqual([]);
    expect(await whatIf(ask, '110.1')).toMatchObject([{ code: 'supply-cap-exceeded' }]);
    expect(await whatIf(ask, '90')).toEqual([]);
  });
});
