import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asker } from './support/contract.ts';
import { CONSUMER, createWorld, jsonRequest } from './support/gateway.ts';
import { gridExpiry, NEAR, push, sviExpiry } from './support/surface.ts';

const digits = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: min, maxLength: max });
const amount = fc
  .tuple(fc.constantFrom('', '-'), digits(1, 12), digits(0, 18))
  .map(([sign, whole, part]) => `${sign}${whole}${part === '' ? '' : `.${part}`}`);
const positive = fc
  .tuple(fc.integer({ min: 1, max: 9 }), digits(0, 8), digits(0, 18))
  .map(([first, whole, part]) => `${first}${whole}${part === '' ? '' : `.${part}`}`);
const chain = fc.option(fc.constantFrom('hub', 'l2'), { nil: null });

const perp = fc.record(
  {
    kind: fc.constant('perp'),
    market: fc.constantFrom('BTC-PERP', 'ETH-PERP'),
    size: fc.tuple(fc.constantFrom('', '-'), positive).map(([sign, size]) => sign + size),
    entryPrice: positive,
    unsettledFunding: amount,
    chain,
  },
  { requiredKeys: ['kind', 'market', 'size', 'entryPrice'] },
);
const collateral = fc.record(
  { kind: fc.constant('collateral'), asset: fc.constantFrom('ETH', 'USDC'), amount: positive, chain },
  { requiredKeys: ['kind', 'asset', 'amount'] },
);
const option = fc.record(
  {
    kind: fc.constant('option'),
    market: fc.constantFrom('BTC-20260327-60000-C', 'BTC-20260327-0.5-P', 'ETH-20260424-3000-C', 'BTC-1-2-C'),
    size: fc.tuple(fc.constantFrom('', '-'), positive).map(([sign, size]) => sign + size),
    chain,
  },
  { requiredKeys: ['kind', 'market', 'size'] },
);
const book = fc.record({
  cash: amount,
  positions: fc
    .array(fc.oneof({ weight: 3, arbitrary: perp }, { weight: 3, arbitrary: collateral }, option), {
      maxLength: 12,
    })
    .map((positions) => positions.map((position, index) => ({ id: `p${index}`, ...position }))),
});

const junk = fc.oneof(
  fc.anything({ maxDepth: 3 }),
  fc.constantFrom<unknown>(
    null,
    true,
    1,
    -0,
    1e308,
    '',
    'NaN',
    '1e400',
    '0x1',
    [],
    {},
    '\u0000',
    '9'.repeat(40),
  ),
);

/** A valid body with one place exchanged for something else. */
const broken = fc.tuple(book, fc.nat(), junk).map(([valid, at, value]) => {
  const copy: Record<string, unknown> = { ...valid };
  const places: [Record<string, unknown>, string][] = [
    [copy, 'cash'],
    [copy, 'positions'],
    [copy, 'extra'],
  ];
  copy.positions = valid.positions.map((position) => {
    const changed: Record<string, unknown> = { ...position };
    for (const key of Object.keys(position)) places.push([changed, key]);
    return changed;
  });
  const [target, key] = places[at % places.length]!;
  target[key] = value;
  return copy;
});

const id = fc.constantFrom('alice', 'bob', 'carol', '0xabc', 'a.b:c-d');
const strange = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('..', '%', "a'--", '__proto__'),
);
const anyId = fc
  .oneof({ weight: 8, arbitrary: id }, { weight: 1, arbitrary: strange })
  .map(encodeURIComponent);

interface Sent {
  readonly path: string;
  readonly init: RequestInit;
}

const get = (path: string): Sent => ({ path, init: {} });
/** Mostly a right parameter; sometimes a wrong value or another name. */
const query = (name: string, values: readonly string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...values).map((value) => `?${name}=${value}`) },
    { weight: 1, arbitrary: fc.constant('') },
    { weight: 1, arbitrary: strange.map((text) => `?${name}=${encodeURIComponent(text)}`) },
    { weight: 1, arbitrary: strange.map((text) => `?${encodeURIComponent(text)}=1`) },
  );

/** A surface, right or with one place exchanged for something else. */
const surface = fc
  .tuple(
    fc.integer({ min: 0, max: 9 }),
    fc.constantFrom(gridExpiry(NEAR), sviExpiry(NEAR)),
    fc.constantFrom('none', 'none', 'sequence', 'asOf', 'expiries', 'forward', 'smile', 'rate'),
    junk,
  )
  .map(([sequence, expiry, place, value]) => {
    const within = ['forward', 'smile', 'rate'].includes(place);
    const body = push([within ? { ...expiry, [place]: value } : expiry], { sequence });
    return place === 'none' || within ? body : { ...body, [place]: value };
  });

const sent: fc.Arbitrary<Sent> = fc.oneof(
  fc
    .tuple(fc.constantFrom('BTC-OPTIONS', 'BTC-OPTIONS', 'ETH-OPTIONS', 'BTC-PERP', 'x'), surface)
    .map(([market, body]) => ({ path: `/v1/markets/${market}/data`, init: jsonRequest('PUT', body) })),
  fc
    .constantFrom('/v1/markets', '/v1/markets/BTC-OPTIONS/data', '/v1/markets/x/data')
    .map((path) => get(path)),
  fc.tuple(id, fc.integer({ min: 0, max: 50 }), book).map(([account, sequence, body]) => ({
    path: `/v1/accounts/${account}/positions`,
    init: jsonRequest('PUT', { sequence, ...body }),
  })),
  fc.tuple(anyId, junk, broken).map(([account, sequence, body]) => ({
    path: `/v1/accounts/${account}/positions`,
    init: jsonRequest('PUT', { sequence, ...body }),
  })),
  book.map((body) => ({ path: '/v1/margin/simulate', init: jsonRequest('POST', body) })),
  fc
    .tuple(
      fc.uniqueArray(id, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 0, max: 50 }),
      fc.oneof(book, broken),
    )
    .map(([accounts, sequence, body]) => ({
      path: '/v1/accounts/positions/batch',
      init: jsonRequest('POST', { updates: accounts.map((accountId) => ({ accountId, sequence, ...body })) }),
    })),
  fc.tuple(id, amount, fc.oneof(book, broken)).map(([account, cashChange, { positions: set }]) => ({
    path: `/v1/accounts/${account}/margin/simulate`,
    init: jsonRequest('POST', { simulations: [{ cashChange, set }, {}] }),
  })),
  fc.tuple(anyId, fc.oneof(fc.nat({ max: 99 }), fc.string())).map(([account, sequence]) => ({
    path: `/v1/accounts/${account}/positions?sequence=${encodeURIComponent(sequence)}`,
    init: { method: 'DELETE' },
  })),
  broken.map((body) => ({ path: '/v1/margin/simulate', init: jsonRequest('POST', body) })),
  fc.oneof(fc.json(), fc.string()).map((text) => ({
    path: '/v1/margin/simulate',
    init: jsonRequest('POST', text),
  })),
  fc
    .tuple(
      anyId,
      fc.constantFrom(
        'positions',
        'margin',
        'margin/predicted',
        'capacity',
        'liquidation-price',
        'liquidation-plan',
        'stress',
      ),
    )
    .map(([account, what]) => get(`/v1/accounts/${account}/${what}`)),
  fc
    .tuple(
      id,
      fc.oneof(
        query('market', ['BTC-PERP', 'ETH-PERP']).map((text) => `capacity${text}`),
        query('side', ['buy', 'sell']).map((text) => `capacity${text}`),
        query('module', ['fixed@1.0.0', 'scenario@2.0.0']).map((text) => `margin${text}`),
        query('target', ['0', '1000.5']).map((text) => `liquidation-plan${text}`),
        query('costRate', ['0', '0.01']).map((text) => `liquidation-plan${text}`),
      ),
    )
    .map(([account, what]) => get(`/v1/accounts/${account}/${what}`)),
  query('limit', ['1', '7', '1000']).map((text) => get(`/v1/accounts${text}`)),
  query('ids', ['BTC-USD', 'ETH-USD,USDC-USD']).map((text) => get(`/v1/prices${text}`)),
  fc
    .tuple(fc.constantFrom('BTC-USD', 'ETH-USD', 'DOGE-USD', 'x'), fc.constantFrom('', '/evidence'))
    .map(([feed, part]) => get(`/v1/prices/${feed}${part}`)),
  fc
    .tuple(
      fc.constantFrom('margin/alice', 'margin/bob', 'price/BTC-USD', 'price/x', 'price/DOGE-USD'),
      query('consumer', [CONSUMER, CONSUMER, `0x${'11'.repeat(20)}`]),
      fc.constantFrom('&chain=hub', '&chain=hub', '&chain=l2', '', '&chain=hub&nonce=7&validFor=5'),
      fc.oneof(
        { weight: 4, arbitrary: fc.constant('') },
        strange.map((text) => `&nonce=${encodeURIComponent(text)}`),
      ),
    )
    .map(([what, ...parts]) => get(`/v1/attestations/${what}${parts.join('')}`)),
  query('horizon', ['1h', '4h,24h']).map((text) => get(`/v1/forecasts/BTC${text}`)),
  fc
    .constantFrom('/v1/modules', '/v1/modules/standard/1.0.0', '/v1/modules/x/1', '/health', '/ready')
    .map((path) => get(path)),
);

/** Method and path with the account left out. */
function operationOf({ path, init }: Sent): string {
  const pattern = path
    .replace(/\?.*/s, '')
    .replace(/attestations\/(margin|price)\/[^/]+/, 'attestations/$1/{id}')
    .replace(/markets\/[^/]+\/data/, 'markets/{market}/data')
    .replace(/accounts\/(?!positions\/batch)[^/]+/, 'accounts/{id}');
  return `${init.method ?? 'GET'} ${pattern}`;
}

test('no request, valid or broken, gives a 5xx or an answer outside the document', async () => {
  const world = createWorld();
  const ask = asker(world);
  const reached = new Set<string>();
  let valid = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(sent, async (request) => {
      const answer = await ask(request.path, request.init);
      const operation = operationOf(request);
      expect(answer.status, `${operation}: ${answer.text}`).toBeLessThan(500);
      if (answer.status < 300) reached.add(operation);
      if (answer.status < 300) valid += 1;
      else refused += 1;
      if (answer.status >= 400) expect(answer.headers.get('content-type')).toBe('application/problem+json');
    }),
    { numRuns: 700, seed: 20260314 },
  );
  expect(valid).toBeGreaterThan(200);
  expect(refused).toBeGreaterThan(150);
  for (const operation of [
    'PUT /v1/accounts/{id}/positions',
    'GET /v1/accounts/{id}/margin',
    'GET /v1/accounts/{id}/margin/predicted',
    'GET /v1/accounts/{id}/capacity',
    'GET /v1/accounts/{id}/liquidation-price',
    'GET /v1/accounts/{id}/liquidation-plan',
    'GET /v1/accounts/{id}/stress',
    'POST /v1/margin/simulate',
    'POST /v1/accounts/positions/batch',
    'POST /v1/accounts/{id}/margin/simulate',
    'DELETE /v1/accounts/{id}/positions',
    'GET /v1/accounts',
    'GET /v1/markets',
    'GET /v1/markets/{market}/data',
    'PUT /v1/markets/{market}/data',
    'GET /v1/prices',
    'GET /v1/prices/BTC-USD/evidence',
    'GET /v1/forecasts/BTC',
    'GET /v1/attestations/margin/{id}',
    'GET /v1/attestations/price/{id}',
  ]) {
    expect([...reached]).toContain(operation);
  }
});
