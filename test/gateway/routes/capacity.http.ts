import { describe, expect, test } from 'vitest';
import { WAD, wadFromDecimal, wadToDecimal } from '../../../risk/units/wad.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { refusedPrice } from '../support/market.ts';
import { withBook } from '../support/with-book.ts';

interface Order {
  readonly market: string;
  readonly side: 'buy' | 'sell';
  readonly size: string;
  readonly price: string | null;
  readonly reasons: readonly { readonly code: string }[];
}

const ordersOf = (json: unknown) => pick(json, 'orders') as Order[];

/** Net initial margin of the stored account after a change, from the simulation resource. */
async function netAfter(ask: Ask, change: object): Promise<bigint> {
  const { json } = await ask(
    '/v1/accounts/alice/margin/simulate',
    jsonRequest('POST', { simulations: [change] }),
  );
  return wadFromDecimal(String(pick(json, 'simulations', 0, 'margin', 'net', 'initial')));
}

const order = ({ market, side, price }: Order, size: bigint) => ({
  set: [
    {
      kind: 'perp',
      id: 'trial',
      market,
      size: wadToDecimal(side === 'buy' ? size : -size),
      entryPrice: price,
    },
  ],
});

const CASES = [
  ['fixed', '1.0.0'],
  ['standard', '1.0.0'],
  ['scenario', '1.0.0'],
  ['scenario', '2.0.0'],
] as const;

describe('GET /v1/accounts/{id}/capacity', () => {
  test.each(CASES)('%s %s: what it gives is covered, and a little more is not', async (id, version) => {
    const ask = await withBook(createWorld({ module: { id, version } }));
    const { status, json } = await ask('/v1/accounts/alice/capacity');
    expect(status).toBe(200);
    const orders = ordersOf(json);
    expect(orders.map(({ market, side }) => `${market} ${side}`)).toEqual([
      'BTC-PERP buy',
      'BTC-PERP sell',
      'ETH-PERP buy',
      'ETH-PERP sell',
    ]);
    for (const one of orders) {
      const size = wadFromDecimal(one.size);
      expect(size, one.market).toBeGreaterThan(WAD / 10n);
      expect(one.reasons).toEqual([]);
      expect(await netAfter(ask, order(one, size)), `${one.market} ${one.side}`).toBeGreaterThanOrEqual(0n);
      expect(await netAfter(ask, order(one, size + size / 100_000n))).toBeLessThan(0n);
    }
    const left =
      wadFromDecimal('10') - wadFromDecimal(String(pick(json, 'withdrawals', 'collateral', 0, 'amount')));
    const collateral = (amountWad: bigint) => ({
      set: [{ kind: 'collateral', id: 'c1', asset: 'ETH', amount: wadToDecimal(amountWad), chain: 'l2' }],
    });
    if (left > 0n) {
      expect(await netAfter(ask, collateral(left))).toBeGreaterThanOrEqual(0n);
      expect(await netAfter(ask, collateral(left - left / 1000n))).toBeLessThan(0n);
    }
  });

  test('free collateral is net initial margin; cash is at most what there is', async () => {
    const ask = await withBook();
    const { json } = await ask('/v1/accounts/alice/capacity');
    const { json: margin } = await ask('/v1/accounts/alice/margin');
    expect(pick(json, 'freeCollateral')).toBe(pick(margin, 'net', 'initial'));
    expect(json).toMatchObject({
      accountId: 'alice',
      sequence: 1,
      current: { status: 'healthy', equity: '33212.5' },
      withdrawals: { cash: '1000', collateral: [{ positionId: 'c1', asset: 'ETH' }] },
      stale: false,
      failures: [],
      moduleId: 'standard',
    });
  });

  test('market and side choose; prices of markets that the account does not hold are in the answer', async () => {
    const ask = await withBook(createWorld(), { cash: '1000', positions: [] });
    const { json } = await ask('/v1/accounts/alice/capacity?market=ETH-PERP&side=sell');
    expect(ordersOf(json).map(({ market, side, price }) => [market, side, price])).toEqual([
      ['ETH-PERP', 'sell', '3000'],
    ]);
    expect((pick(json, 'prices') as { feed: string }[]).map(({ feed }) => feed)).toEqual(['ETH-USD']);
  });

  test('a refused price of a market not held closes that market only', async () => {
    const world = createWorld();
    const ask = await withBook(world, { cash: '1000', positions: [] });
    world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    world.prices.delete('ETH-USD');
    const { json } = await ask('/v1/accounts/alice/capacity?side=buy');
    expect(ordersOf(json)).toMatchObject([
      { market: 'BTC-PERP', size: '0', reasons: [{ code: 'price-refused' }] },
      { market: 'ETH-PERP', size: '0', price: null, reasons: [{ code: 'price-missing' }] },
    ]);
    expect(json).toMatchObject({ stale: false, freeCollateral: '1000', withdrawals: { cash: '1000' } });
  });

  test('a position without a price leaves no capacity at all', async () => {
    const world = createWorld();
    const ask = await withBook(world);
    world.prices.set('BTC-USD', refusedPrice('BTC-USD', '60000'));
    const { json } = await ask('/v1/accounts/alice/capacity');
    expect(json).toMatchObject({
      stale: true,
      freeCollateral: '0',
      failures: [{ positionId: 'p1' }],
      withdrawals: { cash: '0', collateral: [{ amount: '0' }] },
    });
    expect(ordersOf(json).map(({ size, reasons }) => [size, reasons[0]?.code])).toEqual([
      ['0', 'price-refused'],
      ['0', 'price-refused'],
      ['0', 'margin-unknown'],
      ['0', 'margin-unknown'],
    ]);
  });

  test('an account below its initial margin may close its position and no more', async () => {
    const long = [{ kind: 'perp', id: 'p', market: 'BTC-PERP', size: '1', entryPrice: '60000' }];
    const ask = await withBook(createWorld(), { cash: '1000', positions: long });
    const { json } = await ask('/v1/accounts/alice/capacity?market=BTC-PERP');
    expect(ordersOf(json)).toMatchObject([
      { side: 'buy', size: '0', reasons: [{ code: 'not-covered' }] },
      { side: 'sell', size: '1', reasons: [] },
    ]);
    expect(json).toMatchObject({ freeCollateral: '0', withdrawals: { cash: '0' } });
  });

  test.each([
    ['market=DOGE-PERP', 'market'],
    ['market=ETH-SPOT', 'market'],
    ['market=', 'market'],
    ['side=long', 'side'],
    ['side=buy&side=sell', 'side'],
    ['size=1', 'size'],
  ])('refuses %s', async (query, field) => {
    const { json } = await (await withBook())(`/v1/accounts/alice/capacity?${query}`);
    expect(json).toMatchObject({ status: 400, errors: [{ field }] });
  });

  test('an unknown account is 404', async () => {
    const { json } = await asker(createWorld())('/v1/accounts/nobody/capacity');
    expect(json).toMatchObject({ status: 404, type: '/errors/unknown-account' });
  });
});
