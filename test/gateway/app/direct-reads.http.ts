import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createApp } from '../../../gateway/app/app.ts';
import { PREPARED_FOR_MS } from '../../../gateway/app/direct/prepared-margins.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import type { GatewayPorts } from '../../../gateway/app/ports.ts';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { Changes } from '../../../gateway/engine/changes.ts';
import { inMemoryRateLimiter } from '../../../gateway/limits/rate-limiter.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';
import { NOW_MS, robustPrice } from '../support/market.ts';

const KEYS = { alpha: 'key-of-alpha', beta: 'key-of-beta', writer: 'key-of-a-writer' };
const apiKeys = parseApiKeys(
  `alpha:${hashKey(KEYS.alpha)},beta:${hashKey(KEYS.beta)},alpha:${hashKey(KEYS.writer)}:write`,
).keys;
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

/** Two applications over the same ports: one answers directly what it can, the other logs every request and cannot. */
async function createBoth(limit = 1000) {
  const world = createWorld({ apiKeys });
  const changes = new Changes();
  let calculated = 0;
  const ports: GatewayPorts = {
    ...world.ports,
    changes,
    margin: {
      ...world.ports.margin,
      calculate: (...ask) => {
        calculated += 1;
        return world.ports.margin.calculate(...ask);
      },
    },
  };
  const appOf = (level: 'info' | 'debug') =>
    createApp({
      ports,
      logger: createLogger(level, { write: () => undefined }),
      apiKeys,
      metricsKeyHash: hashKey(KEYS.alpha),
      rateLimiter: inMemoryRateLimiter({ limit, windowSeconds: 60, nowMs: () => 0 }),
    });
  const stored = await world.app.request(
    '/v1/accounts/alice/positions',
    jsonRequest('PUT', { sequence: 1, ...BOOK }, bearer(KEYS.alpha)),
  );
  expect(stored.status).toBe(200);
  return {
    world,
    changes,
    direct: appOf('info'),
    ordinary: appOf('debug'),
    calculations: () => calculated,
  };
}

async function told(response: Response) {
  const headers = Object.fromEntries(response.headers);
  for (const name of ['x-request-id', 'date']) delete headers[name];
  const problem = (await response.text()).replace(/"requestId":"[^"]*"/, '');
  return { status: response.status, headers, text: problem };
}

const PATHS = [
  '/v1/prices/BTC-USD',
  '/v1/prices/BTC-USD?',
  '/v1/prices/BTC-USD?at=1',
  '/v1/prices/NO-FEED',
  '/v1/prices/btc-usd',
  '/v1/prices/BTC%2DUSD',
  '/v1/prices/BTC-USD/',
  '/v1/prices//BTC-USD',
  '/v1/prices/x/../BTC-USD',
  '/v1/accounts/alice/margin',
  '/v1/accounts/alice/margin?module=fixed@1.0.0',
  '/v1/accounts/bob/margin',
  '/v1/accounts/al%69ce/margin',
  '/v1/accounts/alice/margin/',
];
const HEADERS: Readonly<Record<string, Record<string, string>>> = {
  'a key': bearer(KEYS.alpha),
  'no key': {},
  'a wrong key': bearer('nobody'),
  'a key without the scope': bearer(KEYS.writer),
  'the key of another tenant': bearer(KEYS.beta),
  'another scheme': { Authorization: `Basic ${KEYS.alpha}` },
  'no-cache': { ...bearer(KEYS.alpha), 'Cache-Control': 'no-cache' },
  'a table': { ...bearer(KEYS.alpha), Accept: 'text/csv' },
};

describe('the short way answers as the ordinary one', () => {
  for (const [name, headers] of Object.entries(HEADERS)) {
    test.each(['GET', 'HEAD', 'POST'])(`with ${name}, %s`, async (method) => {
      const { direct, ordinary } = await createBoth();
      for (const path of PATHS) {
        for (const turn of [1, 2]) {
          const one = await told(await direct.request(path, { method, headers }));
          const other = await told(await ordinary.request(path, { method, headers }));
          expect(one, `${path}, time ${turn}`).toEqual(other);
        }
      }
    });
  }

  /** The same over Node's server, which may be answered before a request of the Fetch API is made of it. */
  async function served(limit = 1000) {
    const { direct, ordinary } = await createBoth(limit);
    const [one, other] = await Promise.all(
      [direct, ordinary].map(async (app) => {
        const server = await serve(app, { host: '127.0.0.1', port: 0 });
        servers.push(server);
        return server.url;
      }),
    );
    return { direct: one!, ordinary: other! };
  }

  for (const [name, headers] of Object.entries(HEADERS)) {
    test.each(['GET', 'HEAD', 'POST'])(`served with ${name}, %s`, async (method) => {
      const { direct, ordinary } = await served();
      for (const path of PATHS) {
        for (const turn of [1, 2]) {
          const one = await told(await fetch(direct + path, { method, headers }));
          const other = await told(await fetch(ordinary + path, { method, headers }));
          expect(one, `${path}, time ${turn}`).toEqual(other);
        }
      }
    });
  }

  test('served, it counts each request once, and refuses as the ordinary one when the quota is used up', async () => {
    const { direct, ordinary } = await served(3);
    const paths = ['/v1/prices/BTC-USD', '/v1/prices/NO-FEED', '/v1/prices/ETH-USD', '/v1/prices/BTC-USD'];
    const askAll = async (url: string) => {
      const answers = [];
      for (const path of paths)
        answers.push(await told(await fetch(url + path, { headers: bearer(KEYS.alpha) })));
      return answers;
    };
    const answers = await askAll(direct);
    expect(answers).toEqual(await askAll(ordinary));
    expect(answers.map(({ status, headers }) => [status, headers.ratelimit])).toEqual([
      [200, '"requests";r=2;t=20'],
      [404, '"requests";r=1;t=40'],
      [200, '"requests";r=0;t=60'],
      [429, '"requests";r=0;t=60'],
    ]);
    const metrics = await (await fetch(`${direct}/metrics`, { headers: bearer(KEYS.alpha) })).text();
    expect(metrics).toContain(
      'breakwater_http_request_duration_seconds_count{method="GET",route="/v1/prices/:id",status="200"} 2',
    );
  });

  test('with the id of the caller, and without one that could harm a log', async () => {
    const { direct } = await createBoth();
    const ask = async (id: string) =>
      (
        await direct.request('/v1/prices/BTC-USD', { headers: { ...bearer(KEYS.alpha), 'X-Request-Id': id } })
      ).headers.get('x-request-id');
    expect(await ask('mine-1')).toBe('mine-1');
    expect(await ask('a b')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await ask('a'.repeat(129))).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('counts against the quota, and refuses when it is used up', async () => {
    const { direct } = await createBoth(2);
    const statuses = [];
    for (let i = 0; i < 3; i++) {
      const answer = await direct.request('/v1/prices/BTC-USD', { headers: bearer(KEYS.alpha) });
      statuses.push([answer.status, answer.headers.get('ratelimit')]);
    }
    expect(statuses).toEqual([
      [200, '"requests";r=1;t=30'],
      [200, '"requests";r=0;t=60'],
      [429, '"requests";r=0;t=60'],
    ]);
  });
});

describe('a margin that was given a moment ago', () => {
  // Wall time, too, bounds how long an answer is kept.
  let wallMs = 0;
  beforeEach(() => {
    wallMs = 1000;
    vi.spyOn(performance, 'now').mockImplementation(() => wallMs);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
  const ask = async (app: Awaited<ReturnType<typeof createBoth>>['direct'], key = KEYS.alpha) => {
    const answer = await app.request('/v1/accounts/alice/margin', { headers: bearer(key) });
    return { status: answer.status, body: (await answer.json()) as { sequence: number; stale: boolean } };
  };

  test('is given again without a calculation', async () => {
    const { direct, calculations } = await createBoth();
    const first = await ask(direct);
    expect(await ask(direct)).toEqual(first);
    expect(calculations()).toBe(1);
  });

  test('is formed anew when a price that it used, its book or anything else changed, not when another feed did', async () => {
    const { direct, changes, calculations } = await createBoth();
    await ask(direct);
    changes.feeds(['SOL-USD']);
    changes.account('alpha', 'bob');
    await ask(direct);
    expect(calculations()).toBe(1);
    changes.feeds(['SOL-USD', 'ETH-USD']);
    await ask(direct);
    expect(calculations()).toBe(2);
    changes.account('alpha', 'alice');
    await ask(direct);
    expect(calculations()).toBe(3);
    changes.everything();
    await ask(direct);
    expect(calculations()).toBe(4);
  });

  test('is never given past its time: what follows is formed then, and says that its prices are old', async () => {
    const { world, direct, calculations } = await createBoth();
    expect((await ask(direct)).body.stale).toBe(false);
    world.nowMs = NOW_MS + 11_000;
    expect((await ask(direct)).body.stale).toBe(true);
    expect(calculations()).toBe(2);
  });

  test('is not given for long, though nothing is known to have changed', async () => {
    const { direct, calculations } = await createBoth();
    await ask(direct);
    wallMs += PREPARED_FOR_MS;
    await ask(direct);
    expect(calculations()).toBe(1);
    wallMs += 1;
    await ask(direct);
    expect(calculations()).toBe(2);
  });

  test('is not kept when something changed while it was formed', async () => {
    const { world, direct, changes, calculations } = await createBoth();
    const price = world.prices.get('BTC-USD')!;
    world.prices.delete('BTC-USD');
    Object.defineProperty(world.prices, 'get', {
      configurable: true,
      value(this: typeof world.prices, id: string) {
        changes.feeds([id]);
        return Map.prototype.get.call(this, id) ?? price;
      },
    });
    world.prices.set('BTC-USD', robustPrice('BTC-USD', '60000'));
    await ask(direct);
    await ask(direct);
    expect(calculations()).toBe(2);
  });

  test('is not given to another tenant', async () => {
    const { direct } = await createBoth();
    await ask(direct);
    expect((await ask(direct, KEYS.beta)).status).toBe(404);
  });

  test('is not given to a key that was revoked meanwhile', async () => {
    const { world } = await createBoth();
    let known = true;
    const app = createApp({
      ports: world.ports,
      logger: createLogger('info', { write: () => undefined }),
      apiKeys,
      keyRing: {
        required: () => true,
        find: () => (known ? { protocol: 'alpha', scopes: new Set(['read']), actor: 'env' } : null),
      },
    });
    const status = async (path: string) => (await app.request(path, { headers: bearer(KEYS.alpha) })).status;
    expect([await status('/v1/prices/BTC-USD'), await status('/v1/accounts/alice/margin')]).toEqual([
      200, 200,
    ]);
    known = false;
    expect([await status('/v1/prices/BTC-USD'), await status('/v1/accounts/alice/margin')]).toEqual([
      401, 401,
    ]);
  });
});
