import { describe, expect, test } from 'vitest';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { refusedPrice, robustPrice } from '../support/market.ts';
import { withBook } from '../support/with-book.ts';

const perp = (id: string, market: string, size: string, entryPrice: string) => ({
  kind: 'perp',
  id,
  market,
  size,
  entryPrice,
});
const LONG = { cash: '8000', positions: [perp('p', 'BTC-PERP', '1', '60000')] };
const number = (json: unknown, ...path: (string | number)[]) => Number(pick(json, ...path));
const net = async (ask: Ask, kind: 'initial' | 'maintenance') =>
  number((await ask('/v1/accounts/alice/margin')).json, 'net', kind);

describe('GET /v1/accounts/{id}/liquidation-price', () => {
  test.each([
    ['fixed', '1.0.0'],
    ['standard', '1.0.0'],
    ['scenario', '1.0.0'],
    ['scenario', '2.0.0'],
  ])('%s %s: at the price that it gives, net maintenance is 0', async (id, version) => {
    const world = createWorld({ module: { id, version } });
    const ask = await withBook(world, {
      cash: '15000',
      positions: [perp('p', 'BTC-PERP', '0.5', '60000'), perp('q', 'ETH-PERP', '-4', '3000')],
    });
    const { status, json } = await ask('/v1/accounts/alice/liquidation-price');
    expect(status).toBe(200);
    expect(json).toMatchObject({ breached: false, stale: false, current: { status: 'healthy' } });
    const assets = pick(json, 'assets') as { asset: string }[];
    expect(assets.map(({ asset }) => asset).sort()).toEqual(['BTC', 'ETH']);
    let checked = 0;
    for (const [index, { asset }] of assets.entries()) {
      for (const side of ['down', 'up'] as const) {
        if (pick(json, 'assets', index, side) === null) continue;
        checked += 1;
        const feed = `${asset}-USD`;
        expect(pick(json, 'assets', index, side, 'prices', 0, 'feed')).toBe(feed);
        const now = world.prices.get(feed)!;
        const price = String(pick(json, 'assets', index, side, 'prices', 0, 'price'));
        // Confidence stays as it is: the move is of the price alone.
        const moved = robustPrice(feed, price);
        const { confidenceWad } = now.market!;
        world.prices.set(feed, { ...moved, market: { ...moved.market!, confidenceWad } });
        expect(Math.abs(await net(ask, 'maintenance')), `${asset} ${side}`).toBeLessThan(0.01);
        world.prices.set(feed, now);
      }
    }
    expect(checked).toBeGreaterThanOrEqual(2);
    expect(
      pick(
        json,
        'assets',
        assets.findIndex(({ asset }) => asset === 'BTC'),
        'down',
      ),
    ).not.toBeNull();
  });

  test('a long is not liquidated by a rise: null, and moves along the beta are told', async () => {
    const ask = await withBook(createWorld(), LONG);
    const { json } = await ask('/v1/accounts/alice/liquidation-price');
    expect(pick(json, 'assets', 0, 'up')).toBeNull();
    expect(json).toMatchObject({
      alongBeta: { reference: 'BTC', betas: { BTC: 1, ETH: 1.2, USDC: 0 }, up: null },
    });
    // BTC has a beta of 1 to itself and is all that the account holds.
    expect(number(json, 'alongBeta', 'down')).toBeCloseTo(number(json, 'assets', 0, 'down', 'multiplier'), 9);
  });

  test('without betas nothing is said of a common move', async () => {
    const ask = await withBook(createWorld({ betas: null }), LONG);
    expect((await ask('/v1/accounts/alice/liquidation-price')).json).toMatchObject({ alongBeta: null });
  });

  test('below maintenance already: breached, at the price of now', async () => {
    const ask = await withBook(createWorld(), { ...LONG, cash: '100' });
    const here = { multiplier: 1, prices: [{ feed: 'BTC-USD', price: '60000' }] };
    expect((await ask('/v1/accounts/alice/liquidation-price')).json).toMatchObject({
      breached: true,
      assets: [{ asset: 'BTC', down: here, up: here }],
    });
  });

  test('a position without a value leaves every price unknown', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    expect((await ask('/v1/accounts/alice/liquidation-price')).json).toMatchObject({
      breached: null,
      assets: null,
      alongBeta: null,
      stale: true,
      failures: [{ positionId: 'p1' }],
    });
  });

  test('takes no parameters; an unknown account is 404', async () => {
    const ask = await withBook();
    expect((await ask('/v1/accounts/alice/liquidation-price?asset=BTC')).json).toMatchObject({
      status: 400,
      errors: [{ field: 'asset' }],
    });
    expect((await ask('/v1/accounts/nobody/liquidation-price')).status).toBe(404);
  });
});

describe('GET /v1/accounts/{id}/liquidation-plan', () => {
  const SHORT_OF_MARGIN = {
    cash: '6000',
    positions: [perp('btc', 'BTC-PERP', '1', '60000'), perp('eth', 'ETH-PERP', '10', '3000')],
  };

  test('an account that is covered needs no closes', async () => {
    const { json } = await (await withBook())('/v1/accounts/alice/liquidation-plan');
    expect(json).toMatchObject({
      target: '0',
      costRate: 0.002,
      plan: { reached: true, closes: [], auction: null },
      current: { status: 'healthy' },
    });
    expect(pick(json, 'plan', 'after')).toEqual(pick(json, 'current'));
  });

  test.each(['0', '1000.5'])(
    'reaches a net initial margin of %s and closes no more than that',
    async (target) => {
      const ask = await withBook(createWorld(), SHORT_OF_MARGIN);
      const { json } = await ask(`/v1/accounts/alice/liquidation-plan?target=${target}&costRate=0.01`);
      expect(json).toMatchObject({ target, costRate: 0.01, plan: { reached: true, auction: null } });
      const closes = pick(json, 'plan', 'closes') as {
        market: string;
        size: string;
        price: string;
        cost: string;
      }[];
      expect(closes.length).toBeGreaterThan(0);
      for (const { size, price, cost } of closes) {
        expect(wadFromDecimal(size)).toBeLessThan(0n);
        expect(Number(cost)).toBeCloseTo(-Number(size) * Number(price) * 0.01, 6);
      }
      const after = number(json, 'plan', 'after', 'net', 'initial');
      expect(after).toBeGreaterThanOrEqual(Number(target));
      // One ten-thousandth of the last position is the grain of a close.
      expect(after - Number(target)).toBeLessThan(20);
      // The book with these closes done, by hand: PnL is 0 at the mark, so only the cost leaves the cash.
      const cost = closes.reduce((sum, close) => sum + wadFromDecimal(close.cost), 0n);
      const positions = SHORT_OF_MARGIN.positions.flatMap((position) => {
        const close = closes.find(({ market }) => market === position.market);
        const size = wadFromDecimal(position.size) + wadFromDecimal(close?.size ?? '0');
        return size === 0n ? [] : [{ ...position, size: String(Number(size) / 1e18) }];
      });
      const { json: simulated } = await ask(
        '/v1/margin/simulate',
        jsonRequest('POST', { cash: String(6000 - Number(cost) / 1e18), positions }),
      );
      expect(number(simulated, 'net', 'initial')).toBeCloseTo(after, 4);
    },
  );

  test('what closes cannot reach is for an auction', async () => {
    const debt = { cash: '-20000', positions: [{ kind: 'collateral', id: 'c', asset: 'ETH', amount: '7' }] };
    const { json } = await (await withBook(createWorld(), debt))('/v1/accounts/alice/liquidation-plan');
    expect(json).toMatchObject({ plan: { reached: false, closes: [], auction: { kind: 'solvent' } } });
    const points = pick(json, 'plan', 'auction', 'points') as { seconds: number; paidFraction: number }[];
    expect(points.map(({ seconds }) => seconds)).toEqual([0, 25, 50, 75, 100, 3700, 7300, 10_900, 14_500]);
    expect(points.map(({ paidFraction }) => Number(paidFraction.toFixed(6)))).toEqual([
      0.98, 0.935, 0.89, 0.845, 0.8, 0.6, 0.4, 0.2, 0,
    ]);
  });

  test('an insolvent account is offered with money on top', async () => {
    const debt = { cash: '-30000', positions: [{ kind: 'collateral', id: 'c', asset: 'ETH', amount: '7' }] };
    const { json } = await (await withBook(createWorld(), debt))('/v1/accounts/alice/liquidation-plan');
    expect(json).toMatchObject({
      current: { status: 'insolvent', equity: '-9000' },
      plan: { reached: false, auction: { kind: 'insolvent' } },
    });
    expect(pick(json, 'plan', 'auction', 'points', 0)).toMatchObject({ seconds: 0, price: -9000 });
    const last = pick(json, 'plan', 'auction', 'points', 4);
    expect(last).toMatchObject({ seconds: 600, paidFraction: null, largestFraction: 1 });
    expect(number(last, 'price')).toBeCloseTo(number(json, 'current', 'net', 'maintenance'), 9);
  });

  test('a position without a value: no plan', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    expect((await ask('/v1/accounts/alice/liquidation-plan')).json).toMatchObject({
      plan: null,
      stale: true,
      failures: [{ positionId: 'p1' }],
    });
  });

  test.each([
    ['target=-1', 'target'],
    ['target=1e3', 'target'],
    ['target=NaN', 'target'],
    [`target=${'9'.repeat(31)}`, 'target'],
    ['costRate=1', 'costRate'],
    ['costRate=-0.1', 'costRate'],
    ['costRate=NaN', 'costRate'],
    ['costRate=0.1&costRate=0.2', 'costRate'],
    ['horizon=1h', 'horizon'],
  ])('refuses %s', async (query, field) => {
    const { json } = await (await withBook())(`/v1/accounts/alice/liquidation-plan?${query}`);
    expect(json).toMatchObject({ status: 400, errors: [{ field }] });
  });

  test('an unknown account is 404', async () => {
    expect((await asker(createWorld())('/v1/accounts/nobody/liquidation-plan')).status).toBe(404);
  });
});
