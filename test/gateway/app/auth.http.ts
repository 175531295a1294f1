import { describe, expect, test } from 'vitest';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { asker, contractOf, pick } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';

const { keys } = parseApiKeys(`alpha:${hashKey('alpha-key')},beta:${hashKey('beta-key')}`);
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

/** Every documented operation under /v1, so that a new route cannot be forgotten. */
const PROTECTED = contractOf(createWorld()).operations.filter(({ path }) => path.startsWith('/v1/'));

describe('with API keys', () => {
  test('there are operations to protect', () => expect(PROTECTED.length).toBeGreaterThanOrEqual(12));

  test.each(PROTECTED)('$method $path needs a key', async ({ method, path }) => {
    const ask = asker(createWorld({ apiKeys: keys }));
    const url = path.replaceAll(/\{[^}]+\}/g, 'alice');
    const body = method === 'get' ? {} : jsonRequest(method, '{broken');
    const wrong: Record<string, string>[] = [
      {},
      bearer('wrong-key'),
      bearer(hashKey('alpha-key')),
      { Authorization: 'alpha-key' },
      { Authorization: 'Basic YWxwaGEta2V5' },
      { Authorization: 'Bearer ' },
      { Authorization: 'Bearer alpha-key beta-key' },
    ];
    for (const headers of wrong) {
      const answer = await ask(url, {
        ...body,
        method: method.toUpperCase(),
        headers: { ...body.headers, ...headers },
      });
      expect(answer.json).toMatchObject({ status: 401, type: '/errors/unauthorized' });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="breakwater"');
    }
  });

  test.each(PROTECTED.filter(({ path }) => path.includes('/accounts/{id}')))(
    "$method $path never shows another protocol's account",
    async ({ method, path }) => {
      const world = createWorld({ apiKeys: keys });
      const ask = asker(world);
      const put = (key: string, cash: string) =>
        ask('/v1/accounts/shared/positions', jsonRequest('PUT', { sequence: 1, ...BOOK, cash }, bearer(key)));
      await put('alpha-key', '111');
      if (method === 'put') return;
      const asBeta = (id: string) => {
        const between = path.endsWith('/difference') ? '?from=0&to=1' : '';
        const url = path.replace('{id}', id) + between;
        if (method === 'post')
          return ask(url, jsonRequest('POST', { simulations: [{}] }, bearer('beta-key')));
        if (method === 'delete')
          return ask(`${url}?sequence=9`, { method: 'DELETE', headers: bearer('beta-key') });
        return ask(url, { headers: bearer('beta-key') });
      };
      const foreign = await asBeta('shared');
      const missing = await asBeta('absent');
      expect(foreign.status).toBe(404);
      expect({ ...(foreign.json as object), instance: '', requestId: '', detail: '' }).toEqual({
        ...(missing.json as object),
        instance: '',
        requestId: '',
        detail: '',
      });
      await put('beta-key', '222');
      expect(
        (await ask('/v1/accounts/shared/positions', { headers: bearer('alpha-key') })).json,
      ).toMatchObject({ cash: '111' });
      expect(
        (await ask('/v1/accounts/shared/positions', { headers: bearer('beta-key') })).json,
      ).toMatchObject({ cash: '222' });
    },
  );

  test('lists and idempotency keys are kept apart', async () => {
    const ask = asker(createWorld({ apiKeys: keys }));
    const headers = (key: string) => ({ ...bearer(key), 'Idempotency-Key': 'same' });
    await ask(
      '/v1/accounts/one/positions',
      jsonRequest('PUT', { sequence: 1, ...BOOK }, headers('alpha-key')),
    );
    const other = await ask(
      '/v1/accounts/two/positions',
      jsonRequest('PUT', { sequence: 1, ...BOOK }, headers('beta-key')),
    );
    expect(other.json).toMatchObject({ accountId: 'two', replayed: false });
    const list = await ask('/v1/accounts', { headers: bearer('beta-key') });
    expect(pick(list.json, 'accounts')).toMatchObject([{ accountId: 'two' }]);
  });

  test('the scheme is case-insensitive, and health, readiness and the documents are open', async () => {
    const ask = asker(createWorld({ apiKeys: keys }));
    expect((await ask('/v1/prices', { headers: { Authorization: 'bearer alpha-key' } })).status).toBe(200);
    for (const path of ['/health', '/ready', '/openapi.json', '/docs', '/errors/unauthorized']) {
      expect((await ask(path)).status, path).toBe(200);
    }
  });
});

describe('/metrics', () => {
  const scrape = async (options: object, key?: string) =>
    (await asker(createWorld(options))('/metrics', key === undefined ? {} : { headers: bearer(key) })).status;

  test('is open on a machine of one, closed with API keys, opened by its own key only', async () => {
    expect(await scrape({})).toBe(200);
    expect(await scrape({ apiKeys: keys })).toBe(403);
    expect(await scrape({ apiKeys: keys }, 'alpha-key')).toBe(403);
    const own = { apiKeys: keys, metricsKeyHash: hashKey('metrics-key') };
    expect(await scrape(own)).toBe(401);
    expect(await scrape(own, 'alpha-key')).toBe(401);
    expect(await scrape(own, 'metrics-key')).toBe(200);
  });
});

describe('without API keys', () => {
  test.each(['localhost:8080', '127.0.0.1:8080', '[::1]:8080', 'LOCALHOST'])(
    'Host %s is served',
    async (Host) => {
      expect((await asker(createWorld())('/v1/prices', { headers: { Host } })).status).toBe(200);
    },
  );

  test.each(['evil.example', '127.0.0.1.evil.example', '10.0.0.1:8080', 'localhost.evil.example'])(
    'Host %s is refused: a page must not reach us under a name of its own',
    async (Host) => {
      expect((await asker(createWorld())('/v1/prices', { headers: { Host } })).json).toMatchObject({
        status: 403,
        type: '/errors/forbidden-host',
      });
    },
  );
});
