import { describe, expect, test } from 'vitest';
import { type Ask, asker, pick } from '../support/contract.ts';
import { createWorld, jsonRequest, type World } from '../support/gateway.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';
import { FAR, gridExpiry, NEAR } from '../support/surface.ts';

const HOUR = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();
const pushed = async (ask: Ask, market: string, sequence: number, nowMs: number, data: object) => {
  const body = { sequence, asOf: iso(nowMs), ...data };
  expect((await ask(`/v1/markets/${market}/data`, jsonRequest('PUT', body))).status).toBe(200);
};
const stored = async (ask: Ask, positions: object[], sequence = 1) => {
  const put = jsonRequest('PUT', { sequence, cash: '100000', positions });
  expect((await ask('/v1/accounts/writer/positions', put)).status).toBe(200);
};
const margin = async (ask: Ask, module: string) =>
  (await ask(`/v1/accounts/writer/margin?module=${module}`)).json;
const lineOf = (json: unknown, term: string) =>
  (pick(json, 'lines') as { term: string; equity: string; initial: string }[]).filter(
    (one) => one.term === term,
  );
const codes = (json: unknown) => (pick(json, 'reasons') as { code: string }[]).map(({ code }) => code);
const LONG = { kind: 'perp', id: 'p', market: 'BTC-PERP', size: '2', entryPrice: '60000' };
const RATE = {
  fundingRate: 0.0001,
  fundingSettledAt: iso(NOW_MS - 4 * HOUR),
  nextFundingAt: iso(NOW_MS + 4 * HOUR),
};

function movedTo(world: World, nowMs: number): void {
  world.nowMs = nowMs;
  for (const [id, price] of [
    ['BTC-USD', '60000'],
    ['ETH-USD', '3000'],
    ['USDC-USD', '1'],
  ] as const)
    world.prices.set(id, robustPrice(id, price, nowMs));
}

describe('a funding rate that the venue pushed', () => {
  test('counts in the margin with its line, its payment to come and its provenance', async () => {
    const ask = asker(createWorld());
    await stored(ask, [LONG]);
    const before = await margin(ask, 'standard@1.2.0');
    await pushed(ask, 'BTC-PERP', 1, NOW_MS, RATE);
    const after = await margin(ask, 'standard@1.2.0');
    expect(lineOf(after, 'funding-accrued')).toMatchObject([{ positionId: 'p', equity: '-48' }]);
    expect(lineOf(after, 'funding-payment')).toMatchObject([{ initial: '48', maintenance: '48' }]);
    expect(Number(pick(after, 'equity'))).toBe(Number(pick(before, 'equity')) - 48);
    expect(after).toMatchObject({
      venueData: [{ market: 'BTC-PERP', sequence: 1, stale: false }],
      stale: false,
    });
    expect((await ask('/v1/markets/BTC-PERP/data')).json).toMatchObject({
      fundingRate: 0.0001,
      fundingSettledAt: RATE.fundingSettledAt,
      nextFundingAt: RATE.nextFundingAt,
    });
  });

  test('changes nothing of a version that does not read it', async () => {
    const ask = asker(createWorld());
    await stored(ask, [LONG]);
    const before = await margin(ask, 'standard@1.1.0');
    await pushed(ask, 'BTC-PERP', 1, NOW_MS, { ...RATE, settlementPrice: '1' });
    expect(await margin(ask, 'standard@1.1.0')).toEqual(before);
  });

  test('is not the only thing whose age is told: so is that of open interest and depth', async () => {
    const world = createWorld();
    const ask = asker(world);
    await stored(ask, [LONG]);
    await pushed(ask, 'BTC-PERP', 1, NOW_MS, { openInterest: '100' });
    expect(codes(await margin(ask, 'standard@1.2.0'))).toEqual([]);
    movedTo(world, NOW_MS + 301_000);
    expect(codes(await margin(ask, 'standard@1.2.0'))).toEqual(['liquidity-data-stale']);
    expect(codes(await margin(ask, 'standard@1.1.0'))).toEqual([]);
  });

  test('counts from when the position says, which is read back', async () => {
    const ask = asker(createWorld());
    await pushed(ask, 'BTC-PERP', 1, NOW_MS, RATE);
    await stored(ask, [{ ...LONG, fundingFrom: iso(NOW_MS - HOUR) }]);
    expect(lineOf(await margin(ask, 'standard@1.2.0'), 'funding-accrued')).toMatchObject([{ equity: '-12' }]);
    expect(pick((await ask('/v1/accounts/writer/positions')).json, 'positions')).toMatchObject([
      { id: 'p', fundingFrom: iso(NOW_MS - HOUR) },
    ]);
    const bad = jsonRequest('POST', { cash: '1', positions: [{ ...LONG, fundingFrom: 'yesterday' }] });
    expect((await ask('/v1/margin/simulate', bad)).json).toMatchObject({
      status: 400,
      errors: [{ field: 'positions[0].fundingFrom' }],
    });
  });

  test('takes and does not give when it is too old, and the answer holds', async () => {
    const world = createWorld();
    const ask = asker(world);
    await stored(ask, [{ ...LONG, size: '-2' }]);
    await pushed(ask, 'BTC-PERP', 1, NOW_MS, RATE);
    expect(lineOf(await margin(ask, 'scenario@2.2.0'), 'funding-accrued')).toMatchObject([{ equity: '48' }]);
    movedTo(world, NOW_MS + 301_000);
    const old = await margin(ask, 'scenario@2.2.0');
    expect(lineOf(old, 'funding-accrued')).toEqual([]);
    expect(Number(lineOf(old, 'funding-payment')[0]!.initial)).toBeGreaterThan(46);
    expect(codes(old)).toContain('funding-stale');
    expect(old).toMatchObject({ stale: false, venueData: [{ market: 'BTC-PERP', stale: true }] });
  });
});

describe('a settlement price that the venue pushed', () => {
  const OPTION = { kind: 'option', id: 'o', market: 'BTC-20260327-50000-C', size: '-1' };
  const FUTURE = { kind: 'future', id: 'f', market: 'BTC-20260327', size: '2', entryPrice: '61000' };
  const expiryMs = Date.parse(NEAR);
  const surface = { expiries: [gridExpiry(FAR)] };

  test('values what has expired until it is taken out; without one nothing is claimed', async () => {
    const world = createWorld();
    const ask = asker(world);
    await stored(ask, [OPTION, FUTURE]);
    movedTo(world, expiryMs + 60_000);
    await pushed(ask, 'BTC-OPTIONS', 1, expiryMs + 60_000, surface);
    const waiting = await margin(ask, 'standard@1.2.0');
    expect(waiting).toMatchObject({ status: 'unknown' });
    expect(
      (pick(waiting, 'failures') as { reason: { code: string } }[]).map(({ reason }) => reason.code),
    ).toEqual(['future-expired', 'option-expired']);
    await pushed(ask, 'BTC-OPTIONS', 2, expiryMs + 60_000, {
      ...surface,
      settlements: [{ expiry: NEAR, price: '62000' }],
    });
    // 100,000 - (62,000 - 50,000) + 2 (62,000 - 61,000)
    const settled = await margin(ask, 'standard@1.2.0');
    expect(settled).toMatchObject({
      status: 'healthy',
      equity: '90000',
      requirement: { initial: '0', maintenance: '0' },
      failures: [],
      exposures: [{ asset: 'BTC', delta: 0 }],
    });
    expect(lineOf(settled, 'settlement')).toMatchObject([
      { positionId: 'f', equity: '2000' },
      { positionId: 'o', equity: '-12000' },
    ]);
    for (const module of ['scenario@2.2.0', 'tail@1.2.0'])
      expect(await margin(ask, module)).toMatchObject({ status: 'healthy', equity: '90000', failures: [] });
    expect(await margin(ask, 'standard@1.1.0')).toMatchObject({ status: 'unknown' });
    const room = (await ask('/v1/accounts/writer/capacity?market=BTC-20260327-50000-C&module=standard@1.2.0'))
      .json;
    expect(room).toMatchObject({
      freeCollateral: '90000',
      orders: ['buy', 'sell'].map((side) => ({ side, size: '0', reasons: [{ code: 'market-settled' }] })),
    });
    // Data past their age settle nothing.
    movedTo(world, expiryMs + 361_000);
    const stale = await margin(ask, 'standard@1.2.0');
    expect(stale).toMatchObject({ status: 'unknown', stale: true });
    expect((pick(stale, 'failures') as { reason: { code: string } }[])[0]!.reason.code).toBe(
      'settlement-stale',
    );
  });

  test('ends a perp: valued at it, no margin, no orders', async () => {
    const ask = asker(createWorld());
    await stored(ask, [LONG]);
    await pushed(ask, 'BTC-PERP', 1, NOW_MS, { settlementPrice: '61500' });
    expect(await margin(ask, 'standard@1.2.0')).toMatchObject({
      equity: '103000',
      requirement: { initial: '0' },
      failures: [],
    });
    const room = (await ask('/v1/accounts/writer/capacity?market=BTC-PERP&side=buy&module=standard@1.2.0'))
      .json;
    expect(room).toMatchObject({
      orders: [{ size: '0', price: '61500', reasons: [{ code: 'market-settled' }] }],
    });
    const stress = (await ask('/v1/accounts/writer/stress?module=standard@1.2.0')).json;
    expect(
      (pick(stress, 'scenarios') as { equityAfterClosing: string }[]).map((one) => one.equityAfterClosing),
    ).toEqual((pick(stress, 'scenarios') as unknown[]).map(() => '103000'));
  });
});
