import { expect, test } from 'vitest';
import { type Ask, asker, pick } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { robustPrice } from '../support/market.ts';
import { FAR, gridExpiry, NEAR } from '../support/surface.ts';

const EXPIRY_MS = Date.parse(NEAR);
const SHORT = { kind: 'option', id: 'near', market: 'BTC-20260327-50000-C', size: '-1' };
const NEXT = { kind: 'option', id: 'far', market: 'BTC-20260424-50000-C', size: '-1' };

/** A moment of a venue: prices are fresh, and the surfaces of both expiries are pushed. */
async function at(
  world: ReturnType<typeof createWorld>,
  ask: Ask,
  nowMs: number,
  sequence: number,
  index: string,
) {
  world.nowMs = nowMs;
  for (const [id, price] of [
    ['BTC-USD', index],
    ['ETH-USD', '3000'],
    ['USDC-USD', '1'],
  ] as const) {
    world.prices.set(id, robustPrice(id, price, nowMs));
  }
  const near = { ...gridExpiry(NEAR), forward: index, settlementPrice: '62000' };
  const expiries = [...(nowMs < EXPIRY_MS ? [near] : []), { ...gridExpiry(FAR), forward: index }];
  const body = { sequence, asOf: new Date(nowMs).toISOString(), expiries };
  expect((await ask('/v1/markets/BTC-OPTIONS/data', jsonRequest('PUT', body))).status).toBe(200);
}

test('an expiry is marked at what it settles to, then asked to be taken out, and rolled in one update', async () => {
  const world = createWorld({ module: { id: 'scenario', version: '2.0.0' } });
  const ask = asker(world);
  const put = (sequence: number, cash: string, positions: object[]) =>
    ask('/v1/accounts/writer/positions', jsonRequest('PUT', { sequence, cash, positions }));
  const margin = async () => (await ask('/v1/accounts/writer/margin')).json;

  // The index is elsewhere: in the last hour the average that settlement converges to is what counts.
  await at(world, ask, EXPIRY_MS - 1000, 1, '61000');
  expect((await put(1, '100000', [SHORT])).status).toBe(200);
  const last = await margin();
  expect(pick(last, 'failures')).toEqual([]);
  // Cash of 100,000, and short one call that pays 62,000 - 50,000.
  expect(Number(pick(last, 'equity'))).toBeCloseTo(88_000, 1);

  await at(world, ask, EXPIRY_MS, 2, '61000');
  const expired = await margin();
  expect(expired).toMatchObject({
    status: 'unknown',
    failures: [{ positionId: 'near', reason: { code: 'option-expired' } }],
  });
  expect((await ask('/v1/accounts/writer/capacity')).json).toMatchObject({ freeCollateral: '0' });

  // Settled and rolled at once: the payoff is paid from the cash, and what was sold anew is in the book.
  const rolled = (await ask('/v1/margin/simulate', jsonRequest('POST', { cash: '88000', positions: [NEXT] })))
    .json;
  expect((await put(2, '88000', [NEXT])).status).toBe(200);
  const after = await margin();
  expect(after).toMatchObject({ status: pick(rolled, 'status'), failures: [], sequence: 2 });
  expect(pick(after, 'status')).not.toBe('unknown');
  expect(pick(after, 'equity')).toBe(pick(rolled, 'equity'));
  // Nobody is owed anything between the two: without the new one the account has what it had a second before.
  const settled = (await ask('/v1/margin/simulate', jsonRequest('POST', { cash: '88000', positions: [] })))
    .json;
  expect(pick(settled, 'equity')).toBe('88000');
  // A push of the book before the expiry that was overtaken does not bring the expired option back.
  expect((await put(1, '100000', [SHORT])).status).toBe(409);
});
