import { describe, expect, test } from 'vitest';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { type Ask, asker, pick } from '../support/contract.ts';
import { createWorld, jsonRequest } from '../support/gateway.ts';
import { NOW_MS } from '../support/market.ts';
import { FAR, gridExpiry, NEAR, push, sviExpiry } from '../support/surface.ts';

const PATH = '/v1/markets/BTC-OPTIONS/data';
const put = (ask: Ask, body: unknown, path = PATH) => ask(path, jsonRequest('PUT', body));
const SURFACE = push([sviExpiry(NEAR), gridExpiry(FAR, 0.65)]);

/** The surface with something else in one expiry or smile. */
const expiry = (change: object) => push([{ ...gridExpiry(NEAR), ...change }]);
const svi = (change: object) =>
  push([{ ...sviExpiry(NEAR), smile: { ...sviExpiry(NEAR).smile, ...change } }]);
const points = (...list: [unknown, unknown][]) =>
  expiry({ smile: { kind: 'grid', points: list.map(([strike, volatility]) => ({ strike, volatility })) } });

const REFUSED: readonly (readonly [string, unknown, string])[] = [
  ['no sequence', { ...SURFACE, sequence: undefined }, 'sequence'],
  ['a negative sequence', { ...SURFACE, sequence: -1 }, 'sequence'],
  ['no time', { ...SURFACE, asOf: undefined }, 'asOf'],
  ['a time without a zone', { ...SURFACE, asOf: '2026-03-14T15:00:00' }, 'asOf'],
  ['a time in the future', { ...SURFACE, asOf: '2026-03-14T15:01:00Z' }, 'asOf'],
  ['a time older than its own limit', { ...SURFACE, asOf: '2026-03-14T14:00:00Z' }, 'asOf'],
  ['an age limit of nothing', { ...SURFACE, maxAgeSeconds: 0 }, 'maxAgeSeconds'],
  ['an unknown field', { ...SURFACE, smile: {} }, 'smile'],
  ['nothing at all', { sequence: 1, asOf: SURFACE.asOf }, 'body'],
  ['no expiries', push([]), 'expiries'],
  ['an expired expiry', push([gridExpiry('2026-03-13T08:00:00Z')]), 'expiries[0].expiry'],
  ['another hour', push([gridExpiry('2026-03-27T09:00:00Z')]), 'expiries[0].expiry'],
  ['a day that is not', push([gridExpiry('2026-02-30T08:00:00Z')]), 'expiries[0].expiry'],
  ['an expiry twice', push([gridExpiry(NEAR), gridExpiry(NEAR)]), 'expiries[1].expiry'],
  ['a forward of zero', expiry({ forward: '0' }), 'expiries[0].forward'],
  ['a forward that is a number', expiry({ forward: 60000 }), 'expiries[0].forward'],
  ['a forward of NaN', expiry({ forward: 'NaN' }), 'expiries[0].forward'],
  ['a forward of 10^31', expiry({ forward: `1${'0'.repeat(31)}` }), 'expiries[0].forward'],
  ['a rate of text', expiry({ rate: 'NaN' }), 'expiries[0].rate'],
  ['a confidence of 2', expiry({ confidence: { forward: 2 } }), 'expiries[0].confidence.forward'],
  ['a negative strike', points(['-1', 0.6]), 'expiries[0].smile.points[0].strike'],
  ['a strike of 10^30', points([`1${'0'.repeat(30)}`, 0.6]), 'expiries[0].smile.points[0].strike'],
  ['a negative volatility', points(['60000', -0.6]), 'expiries[0].smile.points[0].volatility'],
  ['a volatility of zero', points(['60000', 0]), 'expiries[0].smile.points[0].volatility'],
  ['a volatility of text', points(['60000', 'NaN']), 'expiries[0].smile.points[0].volatility'],
  ['a volatility in percent', points(['60000', 60]), 'expiries[0].smile.points[0].volatility'],
  ['an unsorted grid', points(['60000', 0.6], ['50000', 0.6]), 'expiries[0].smile.points[1].strike'],
  ['a strike twice', points(['60000', 0.6], ['60000.0', 0.6]), 'expiries[0].smile.points[1].strike'],
  ['an empty grid', points(), 'expiries[0].smile.points'],
  ['an unknown smile', expiry({ smile: { kind: 'sabr' } }), 'expiries[0].smile.kind'],
  ['a negative slope', svi({ b: -0.1 }), 'expiries[0].smile.b'],
  ['a full correlation', svi({ rho: 1 }), 'expiries[0].smile.rho'],
  ['no width', svi({ sigma: 0 }), 'expiries[0].smile.sigma'],
  ['a negative least variance', svi({ a: -1 }), 'expiries[0].smile.a'],
  ['SVI of text', svi({ m: 'NaN' }), 'expiries[0].smile.m'],
  ['unsorted strikes', svi({ strikes: ['2', '1'] }), 'expiries[0].smile.strikes[1]'],
  ['funding of options', push([gridExpiry(NEAR)], { fundingRate: 0.1 }), 'fundingRate'],
  ['open interest of options', push([gridExpiry(NEAR)], { openInterest: '1200.5' }), 'openInterest'],
  ['depth of options', push([gridExpiry(NEAR)], { depth: { bids: [], asks: [] } }), 'depth'],
  ['totals of options', push([gridExpiry(NEAR)], { supplied: '1' }), 'supplied'],
  [
    'a settlement of an expiry to come',
    push([gridExpiry(FAR)], { settlements: [{ expiry: NEAR, price: '1' }] }),
    'settlements[0].expiry',
  ],
  [
    'a settlement twice',
    push([gridExpiry(NEAR)], {
      settlements: ['1', '2'].map((price) => ({ expiry: '2026-03-13T08:00:00Z', price })),
    }),
    'settlements[1].expiry',
  ],
  [
    'a settlement at nothing',
    push([gridExpiry(NEAR)], { settlements: [{ expiry: '2026-03-13T08:00:00Z', price: '0' }] }),
    'settlements[0].price',
  ],
];

const PERP_REFUSED: readonly (readonly [string, object, string])[] = [
  ['expiries of a perp', { expiries: [gridExpiry(NEAR)] }, 'expiries'],
  ['funding of 200 % an hour', { fundingRate: 2 }, 'fundingRate'],
  ['a negative open interest', { openInterest: '-1' }, 'openInterest'],
  ['bids that rise', { depth: { bids: [level('1'), level('2')], asks: [] } }, 'depth.bids[1].price'],
  ['settlements of a perp', { settlements: [{ expiry: '2026-03-13T08:00:00Z', price: '1' }] }, 'settlements'],
  ['totals of a perp', { borrowed: '1' }, 'borrowed'],
  ['times of no rate', { openInterest: '1', fundingSettledAt: SURFACE.asOf }, 'fundingSettledAt'],
  [
    'a next payment of no rate',
    { openInterest: '1', nextFundingAt: '2026-03-14T16:00:00Z' },
    'nextFundingAt',
  ],
  [
    'funding settled in the future',
    { fundingRate: 0.1, fundingSettledAt: '2026-03-14T16:00:00Z' },
    'fundingSettledAt',
  ],
  [
    'funding settled long ago',
    { fundingRate: 0.1, fundingSettledAt: '2026-02-10T16:00:00Z' },
    'fundingSettledAt',
  ],
  [
    'a next payment that is past',
    { fundingRate: 0.1, nextFundingAt: '2026-03-14T08:00:00Z' },
    'nextFundingAt',
  ],
  ['a next payment in a year', { fundingRate: 0.1, nextFundingAt: '2027-03-14T08:00:00Z' }, 'nextFundingAt'],
  ['asks that fall', { depth: { bids: [], asks: [level('2'), level('1')] } }, 'depth.asks[1].price'],
];

function level(price: string) {
  return { price, size: '1' };
}

describe('PUT /v1/markets/{market}/data', () => {
  test.each(REFUSED)('%s is refused and the field named; nothing is stored', async (_, body, field) => {
    const ask = asker(createWorld());
    const { json } = await put(ask, body);
    expect(json).toMatchObject({ status: 400, type: '/errors/invalid-input' });
    expect((pick(json, 'errors') as { field: string }[]).map((error) => error.field)).toContain(field);
    expect((await ask(PATH)).json).toMatchObject({ status: 404, type: '/errors/no-venue-data' });
  });

  test.each(PERP_REFUSED)('%s is refused and the field named', async (_, change, field) => {
    const body = { sequence: 1, asOf: SURFACE.asOf, ...change };
    const { json } = await put(asker(createWorld()), body, '/v1/markets/BTC-PERP/data');
    expect(json).toMatchObject({ status: 400, errors: [{ field }] });
  });

  test('is read back as it was pushed, with its age', async () => {
    const world = createWorld();
    const ask = asker(world);
    const { status, json } = await put(ask, { ...SURFACE, maxAgeSeconds: 60 });
    expect(status).toBe(200);
    expect(json).toMatchObject({ market: 'BTC-OPTIONS', sequence: 1, replayed: false, stale: false });
    world.nowMs += 30_000;
    expect((await ask(PATH)).json).toMatchObject({
      sequence: 1,
      ageSeconds: 30,
      maxAgeSeconds: 60,
      stale: false,
      openInterest: null,
      settlements: null,
      fundingRate: null,
      expiries: [
        { expiry: '2026-03-27T08:00:00.000Z', forward: '60000', smile: sviExpiry(NEAR).smile },
        { expiry: '2026-04-24T08:00:00.000Z', smile: gridExpiry(FAR, 0.65).smile },
      ],
    });
    world.nowMs += 31_000;
    expect((await ask(PATH)).json).toMatchObject({ ageSeconds: 61, stale: true });
  });

  test('a clock a little ahead counts as now', async () => {
    const ask = asker(createWorld());
    const { json } = await put(ask, { ...SURFACE, asOf: new Date(NOW_MS + 4000).toISOString() });
    expect(json).toMatchObject({ asOf: new Date(NOW_MS).toISOString(), ageSeconds: 0 });
  });

  test('an older sequence never overwrites a newer one, a repeat changes nothing', async () => {
    const ask = asker(createWorld());
    await put(ask, { ...SURFACE, sequence: 5 });
    expect((await put(ask, { ...SURFACE, sequence: 5 })).json).toMatchObject({ replayed: true });
    const older = await put(ask, push([gridExpiry(NEAR)], { sequence: 4 }));
    expect(older.json).toMatchObject({
      status: 409,
      type: '/errors/sequence-conflict',
      errors: [{ field: 'sequence' }],
      details: { market: 'BTC-OPTIONS', given: '4', stored: '5' },
    });
    const other = await put(ask, push([gridExpiry(NEAR)], { sequence: 5 }));
    expect(other.json).toMatchObject({ status: 409 });
    expect((await ask(PATH)).json).toMatchObject({ sequence: 5, expiries: [{}, {}] });
  });

  test.each([
    [
      'a butterfly of a grid',
      points(['50000', 0.6], ['60000', 1.2], ['70000', 0.6]),
      'expiries[0].smile.points[1].volatility',
    ],
    ['a negative density of SVI', svi({ b: 1.5, sigma: 0.01, a: 0.001 }), 'expiries[0].smile'],
    ['a calendar of grids', push([gridExpiry(NEAR, 0.9), gridExpiry(FAR, 0.4)]), 'expiries[1].smile'],
    ['a calendar of SVI', push([sviExpiry(NEAR, 0.9), sviExpiry(FAR, 0.4)]), 'expiries[1].smile'],
    ['a calendar of both', push([gridExpiry(FAR, 0.4), sviExpiry(NEAR, 0.9)]), 'expiries[0].smile'],
  ])('%s is an arbitrage: 422, and nothing is stored', async (_, body, field) => {
    const ask = asker(createWorld());
    const { json } = await put(ask, body);
    expect(json).toMatchObject({ status: 422, type: '/errors/surface-arbitrage', errors: [{ field }] });
    expect((await ask(PATH)).status).toBe(404);
  });

  test('a market that is not there is 404', async () => {
    const ask = asker(createWorld());
    for (const market of ['SOL-OPTIONS', 'DOGE-PERP', 'BTC-20260327-60000-C']) {
      const path = `/v1/markets/${market}/data`;
      const expected = { status: 404, type: '/errors/unknown-market' };
      expect((await put(ask, SURFACE, path)).json).toMatchObject(expected);
      expect((await ask(path)).json).toMatchObject(expected);
    }
  });

  test('no protocol sees, uses or overwrites the data of another', async () => {
    const { keys } = parseApiKeys(`alpha:${hashKey('alpha-key')},beta:${hashKey('beta-key')}`);
    const ask = asker(createWorld({ apiKeys: keys }));
    const as = (key: string) => ({ headers: { Authorization: `Bearer ${key}` } });
    const pushed = await ask(PATH, jsonRequest('PUT', { ...SURFACE, sequence: 9 }, as('alpha-key').headers));
    expect(pushed.status).toBe(200);
    expect((await ask(PATH, as('beta-key'))).json).toMatchObject({ type: '/errors/no-venue-data' });
    const { json: markets } = await ask('/v1/markets', as('beta-key'));
    expect(pick(markets, 'options', 0)).toMatchObject({ data: null, instruments: [] });
    const book = {
      cash: '0',
      positions: [{ kind: 'option', id: 'o', market: 'BTC-20260327-60000-C', size: '1' }],
    };
    const margin = (key: string) => ask('/v1/margin/simulate', jsonRequest('POST', book, as(key).headers));
    expect((await margin('beta-key')).json).toMatchObject({
      status: 'unknown',
      venueData: [],
      failures: [{ reason: { code: 'option-data-missing' } }],
    });
    expect((await margin('alpha-key')).json).toMatchObject({ failures: [], venueData: [{ sequence: 9 }] });
    const own = await ask(PATH, jsonRequest('PUT', { ...SURFACE, sequence: 1 }, as('beta-key').headers));
    expect(own.status).toBe(200);
    expect((await ask(PATH, as('alpha-key'))).json).toMatchObject({ sequence: 9 });
  });
});

describe('GET /v1/markets', () => {
  test('lists what may be held, with the instruments of the last push that have not expired', async () => {
    const world = createWorld();
    const ask = asker(world);
    const instruments = async () => {
      const { json } = await ask('/v1/markets');
      return (pick(json, 'options', 0, 'instruments') as { market: string }[]).map(({ market }) => market);
    };
    expect(await instruments()).toEqual([]);
    await put(ask, { ...SURFACE, maxAgeSeconds: 86_400 });
    const { json } = await ask('/v1/markets');
    expect(pick(json, 'markets')).toContainEqual({
      market: 'BTC-PERP',
      kind: 'perp',
      asset: 'BTC',
      feed: 'BTC-USD',
    });
    expect(pick(json, 'options', 0)).toMatchObject({ market: 'BTC-OPTIONS', data: { sequence: 1 } });
    expect(await instruments()).toHaveLength(12);
    expect(pick(json, 'options', 0, 'instruments', 0)).toEqual({
      market: 'BTC-20260327-50000-C',
      underlying: 'BTC',
      expiry: '2026-03-27T08:00:00.000Z',
      strike: '50000',
      type: 'call',
    });
    world.nowMs = Date.parse(NEAR);
    expect(await instruments()).toHaveLength(6);
  });
});
