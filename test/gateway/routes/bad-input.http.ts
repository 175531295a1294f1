import { describe, expect, test } from 'vitest';
import { asker, pick } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';

const PERP = { kind: 'perp', id: 'a', market: 'BTC-PERP', size: '1', entryPrice: '1' };
const COLLATERAL = { kind: 'collateral', id: 'b', asset: 'ETH', amount: '1' };
const body = (over: object) => ({ ...BOOK, ...over });
const perp = (over: object) => body({ positions: [{ ...PERP, ...over }] });
const collateral = (over: object) => body({ positions: [{ ...COLLATERAL, ...over }] });
const without = (object: object, key: string) =>
  Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));

/** What is sent, the field that the answer must name, and the status. `sequence` is added where it is needed. */
const BAD: readonly (readonly [string, unknown, string, number?])[] = [
  ['no cash', without(BOOK, 'cash'), 'cash'],
  ['no positions', without(BOOK, 'positions'), 'positions'],
  ['an unknown field', body({ leverage: '5' }), 'leverage'],
  ['an unknown field of a position', perp({ side: 'buy' }), 'positions[0].side'],
  ['a field of the other kind', collateral({ size: '1' }), 'positions[0].size'],
  ['a number for an amount', body({ cash: 1000 }), 'cash'],
  ['null for an amount', body({ cash: null }), 'cash'],
  ['a number for a size', perp({ size: 1 }), 'positions[0].size'],
  ['NaN as text', perp({ size: 'NaN' }), 'positions[0].size'],
  ['Infinity as text', body({ cash: '-Infinity' }), 'cash'],
  ['an exponent', perp({ size: '1e400' }), 'positions[0].size'],
  ['hexadecimal', perp({ size: '0x10' }), 'positions[0].size'],
  ['a thousands separator', body({ cash: '1,000' }), 'cash'],
  ['a unit in the amount', body({ cash: '1000 USD' }), 'cash'],
  ['a sign in front', body({ cash: '+1' }), 'cash'],
  ['an empty amount', body({ cash: '' }), 'cash'],
  ['digits of another script', body({ cash: '\u0661' }), 'cash'],
  ['31 integer digits', perp({ size: '1'.repeat(31) }), 'positions[0].size'],
  ['19 decimals', perp({ size: `0.${'1'.repeat(19)}` }), 'positions[0].size'],
  ['a size of zero', perp({ size: '-0.00' }), 'positions[0].size'],
  ['an entry price of zero', perp({ entryPrice: '0.0' }), 'positions[0].entryPrice'],
  ['a negative entry price', perp({ entryPrice: '-1' }), 'positions[0].entryPrice'],
  ['negative collateral', collateral({ amount: '-1' }), 'positions[0].amount'],
  ['an unknown kind', perp({ kind: 'swap' }), 'positions[0].kind'],
  ['no kind', body({ positions: [without(PERP, 'kind')] }), 'positions[0].kind'],
  ['a position that is not an object', body({ positions: ['BTC'] }), 'positions[0]'],
  ['a position that is null', body({ positions: [null] }), 'positions[0]'],
  ['positions that are no list', body({ positions: { 0: PERP } }), 'positions'],
  ['no position id', body({ positions: [without(PERP, 'id')] }), 'positions[0].id'],
  ['an empty position id', perp({ id: '' }), 'positions[0].id'],
  ['SQL in a position id', perp({ id: "a'; DROP TABLE accounts; --" }), 'positions[0].id'],
  ['a position id too long', perp({ id: 'a'.repeat(129) }), 'positions[0].id'],
  [
    'a position id twice',
    body({ positions: [PERP, COLLATERAL, { ...COLLATERAL, id: 'a' }] }),
    'positions[2].id',
  ],
  ['an unknown market', perp({ market: 'DOGE-PERP' }), 'positions[0].market'],
  ['a collateral market as a perp', perp({ market: 'ETH-SPOT' }), 'positions[0].market'],
  ['an unknown asset', collateral({ asset: 'DOGE' }), 'positions[0].asset'],
  ['an asset that is no collateral', collateral({ asset: 'BTC' }), 'positions[0].asset'],
  ['an unknown chain', perp({ chain: 'moon' }), 'positions[0].chain'],
  ['a chain with odd letters', perp({ chain: 'HUB/..' }), 'positions[0].chain'],
  ['a list as the body', [BOOK], 'body'],
  ['a string as the body', '"text"', 'body'],
  ['null as the body', 'null', 'body'],
  ['no body', '', 'body'],
  ['text that is not JSON', '{"cash": "1", positions: []}', 'body'],
  ['NaN in the JSON', '{"cash": NaN, "positions": []}', 'cash'],
  ['1e400 in the JSON', '{"cash": 1e400, "positions": []}', 'cash'],
  ['a body that ends early', '{"cash": "1", "positions": [', 'positions[0]'],
  ['a key twice', '{"cash": "1", "positions": [], "cash": "2"}', 'cash'],
  ['a key twice, written differently', '{"cash": "1", "positions": [], "\\u0063ash": "2"}', 'cash'],
  ['__proto__', '{"__proto__": {"cash": "1"}, "cash": "1", "positions": []}', '__proto__'],
  ['constructor', '{"constructor": {"prototype": {}}, "cash": "1", "positions": []}', 'constructor'],
  [
    'deep JSON',
    `{"cash": ${'['.repeat(100_000)}${']'.repeat(100_000)}, "positions": []}`,
    `cash${'[0]'.repeat(15)}`,
  ],
  ['10,001 positions', `{"cash": "1", "positions": [${Array(10_001).fill('1').join(',')}]}`, 'positions'],
];

interface BodyRoute {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** A valid body around a book, and where the book's fields are in it. */
  readonly wrap: (book: object) => object;
  readonly prefix: string;
}

const ROUTES: readonly BodyRoute[] = [
  {
    name: 'PUT /v1/accounts/{id}/positions',
    method: 'PUT',
    path: '/v1/accounts/alice/positions',
    wrap: (book) => ({ sequence: 1, ...book }),
    prefix: '',
  },
  {
    name: 'POST /v1/margin/simulate',
    method: 'POST',
    path: '/v1/margin/simulate',
    wrap: (book) => book,
    prefix: '',
  },
  {
    name: 'POST /v1/accounts/positions/batch',
    method: 'POST',
    path: '/v1/accounts/positions/batch',
    wrap: (book) => ({
      updates: [
        { accountId: 'first', sequence: 1, cash: '1', positions: [] },
        { accountId: 'alice', sequence: 1, ...book },
      ],
    }),
    prefix: 'updates[1].',
  },
];

describe.each(ROUTES)('$name', ({ method, path, wrap, prefix }) => {
  test.each(BAD)('%s is refused and the field named', async (_, sent, field, status = 400) => {
    const world = createWorld();
    const raw = typeof sent === 'string' || Array.isArray(sent);
    const payload = raw ? sent : wrap(sent as object);
    const { json, headers, text } = await asker(world)(path, jsonRequest(method, payload));
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(json).toMatchObject({ status, instance: path });
    expect(
      (pick(json, 'errors') as { field: string }[]).map((e) => e.field),
      text,
    ).toContain(raw ? field : prefix + field);
    expect(pick(json, 'requestId')).toBe(headers.get('x-request-id'));
    expect(text).not.toMatch(/node_modules|\.ts:\d+/);
    expect(world.accounts.stored.size).toBe(0);
    expect(({} as Record<string, unknown>).cash).toBeUndefined();
  });

  test('every wrong field is named at once', async () => {
    const { json } = await asker(createWorld())(
      path,
      jsonRequest(
        method,
        wrap({
          cash: 1,
          positions: [
            { ...PERP, size: 'x' },
            { ...COLLATERAL, amount: '' },
          ],
          extra: 1,
        }),
      ),
    );
    expect((pick(json, 'errors') as { field: string }[]).map((e) => e.field)).toEqual(
      ['cash', 'positions[0].size', 'positions[1].amount', 'extra'].map((field) => prefix + field),
    );
  });

  test.each([
    ['text/plain', 'text/plain'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['another charset', 'application/json; charset=utf-16'],
    ['a JSON dialect', 'application/merge-patch+json'],
  ])('a body of %s is 415', async (_, type) => {
    const world = createWorld();
    const init = jsonRequest(method, wrap(BOOK), { 'Content-Type': type });
    expect((await asker(world)(path, init)).json).toMatchObject({
      status: 415,
      type: '/errors/unsupported-media-type',
      errors: [{ field: 'Content-Type' }],
    });
    expect(world.accounts.stored.size).toBe(0);
  });

  test('a compressed body is 415', async () => {
    const init = jsonRequest(method, wrap(BOOK), { 'Content-Encoding': 'gzip' });
    expect((await asker(createWorld())(path, init)).status).toBe(415);
  });

  test('a body over the limit is 413, announced or not', async () => {
    const world = createWorld({ maxBodyBytes: 2048 });
    const ask = asker(world);
    const text = JSON.stringify({ ...wrap(BOOK), filler: 'x'.repeat(3000) });
    const announced = jsonRequest(method, text, { 'Content-Length': String(text.length) });
    expect((await ask(path, announced)).json).toMatchObject({ status: 413, details: { limitBytes: 2048 } });
    const stream = new Blob([text]).stream();
    const chunked = { ...jsonRequest(method, ''), body: stream, duplex: 'half' } as RequestInit;
    expect((await ask(path, chunked)).json).toMatchObject({ status: 413, type: '/errors/too-large' });
    expect(world.accounts.stored.size).toBe(0);
  });

  test('an unknown query parameter is refused', async () => {
    const { json } = await asker(createWorld())(`${path}?dryRun=1`, jsonRequest(method, wrap(BOOK)));
    expect(json).toMatchObject({
      status: 400,
      errors: [{ field: 'dryRun', message: 'is not a parameter of this resource' }],
    });
  });

  test('application/json with charset=utf-8 is accepted', async () => {
    const init = jsonRequest(method, wrap(BOOK), { 'Content-Type': 'application/json; charset=utf-8' });
    expect((await asker(createWorld())(path, init)).status).toBe(200);
  });

  test('10,000 positions fit when the body limit allows them', async () => {
    const world = createWorld({ maxBodyBytes: 2_000_000 });
    const positions = Array.from({ length: 10_000 }, (_, i) => ({ ...PERP, id: `p${i}` }));
    expect((await asker(world)(path, jsonRequest(method, wrap({ ...BOOK, positions })))).status).toBe(200);
  });
});

test.each([-1, 1.5, 9007199254740992, '1', null, true])('sequence %s is refused', async (sequence) => {
  const { json } = await asker(createWorld())(
    '/v1/accounts/alice/positions',
    jsonRequest('PUT', { ...BOOK, sequence }),
  );
  expect(json).toMatchObject({ status: 400, errors: [{ field: 'sequence' }] });
});

test.each(['%00', 'a%20b', '..%2fadmin', 'a'.repeat(129), '_x', "a'--", '%F0%9F%98%80', '%'])(
  'account id %s is refused',
  async (id) => {
    const world = createWorld();
    const { json } = await asker(world)(
      `/v1/accounts/${id}/positions`,
      jsonRequest('PUT', { ...BOOK, sequence: 1 }),
    );
    expect(json).toMatchObject({ status: 400, errors: [{ field: 'id' }] });
    expect(world.accounts.stored.size).toBe(0);
  },
);

test.each([
  ['/v1/prices?ids=BTC-USD&ids=ETH-USD', 'ids: must be given once'],
  ['/v1/accounts?limit=1&limit=1', 'limit: must be given once'],
  ['/v1/prices?ids=', 'ids: must not be empty'],
  [`/v1/prices?ids=${'A'.repeat(5000)}`, 'ids: must have at most 4096 characters'],
])('%.40s is refused in plain words', async (path, detail) => {
  expect((await asker(createWorld())(path)).json).toMatchObject({ status: 400, detail });
});
