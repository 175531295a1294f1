import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createApp } from '../../../gateway/app/app.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import { type RunningServer, serve } from '../../../gateway/app/serve.ts';
import { hashKey, parseApiKeys } from '../../../gateway/auth/keys.ts';
import { Changes } from '../../../gateway/engine/changes.ts';
import { redisRateLimiter, type SharedRateLimiter } from '../../../gateway/limits/redis-rate-limiter.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../../helpers/redis.ts';
import { until } from '../../helpers/until.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';

const apiKeys = parseApiKeys(`alpha:${hashKey('key-of-alpha')},beta:${hashKey('key-of-beta')}`).keys;
const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });
const LIMIT = 12;

describe.skipIf(redisMissing())('the short way with quotas in Redis', () => {
  let redis: TestRedis;
  const servers: RunningServer[] = [];
  const limiters: SharedRateLimiter[] = [];
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
    for (const limiter of limiters.splice(0)) await limiter.close();
    await redis.flush();
  });
  afterAll(() => redis?.stop());

  /** Gateways over the same ports; `debug` takes the ordinary way for everything. */
  async function gateways(levels: readonly ('info' | 'debug')[], timeoutMs = 5_000) {
    const world = createWorld({ apiKeys });
    const ports = { ...world.ports, changes: new Changes() };
    const put = jsonRequest('PUT', { sequence: 1, ...BOOK }, bearer('key-of-alpha'));
    expect((await world.app.request('/v1/accounts/alice/positions', put)).status).toBe(200);
    const urls: string[] = [];
    for (const level of levels) {
      const rateLimiter = redisRateLimiter({
        ...{ redisUrl: redis.url, limit: LIMIT, windowSeconds: 3600, nowMs: () => 0, timeoutMs },
        logger: createLogger('silent'),
      });
      limiters.push(rateLimiter);
      const logger = createLogger(level, { write: () => undefined });
      const server = await serve(createApp({ ports, logger, apiKeys, rateLimiter }), {
        host: '127.0.0.1',
        port: 0,
      });
      servers.push(server);
      urls.push(server.url);
    }
    const [one] = limiters;
    for (const limiter of limiters) {
      // While the connection is made each process counts for itself, under another key.
      await until('both to count in Redis', async () => {
        const key = `shared-${Math.random()}`;
        await limiter.take(key, 4);
        return (await one!.take(key, 0)).remaining === LIMIT - 4;
      });
    }
    return urls;
  }
  const simulation = (key: string) =>
    jsonRequest('POST', { cash: '100', positions: [] }, bearer(key)) satisfies RequestInit;
  const PATHS = ['/v1/prices/BTC-USD', '/v1/accounts/alice/margin', '/v1/margin/simulate'];
  async function ask(url: string, path: string, key = 'key-of-alpha') {
    const init = path === '/v1/margin/simulate' ? simulation(key) : { headers: bearer(key) };
    const response = await fetch(url + path, init);
    await response.arrayBuffer();
    return { status: response.status, quota: response.headers.get('ratelimit') ?? '' };
  }
  const left = ({ quota }: { quota: string }) => Number(/r=(\d+)/.exec(quota)?.[1] ?? Number.NaN);

  test('counts every request once, at whichever gateway and on whichever way, and refuses what is beyond', async () => {
    const urls = await gateways(['info', 'info', 'debug']);
    const seen: { status: number; left: number }[] = [];
    // A kept margin, a price and a simulation cost the same whether they are short or not.
    for (const url of urls) {
      for (const path of PATHS) {
        const answer = await ask(url, path);
        seen.push({ status: answer.status, left: left(answer) });
      }
    }
    expect(seen.map(({ status }) => status)).toEqual(seen.map(() => 200));
    const costs = seen.map(({ left: now }, index) => (index === 0 ? LIMIT : seen[index - 1]!.left) - now);
    expect(costs.slice(0, 3)).toEqual(costs.slice(3, 6));
    expect(costs.slice(0, 3)).toEqual(costs.slice(6, 9));
    expect(Math.min(...costs)).toBeGreaterThan(0);
    // What is left is spent at one gateway; then all of them refuse.
    for (let remaining = seen.at(-1)!.left; remaining > 0; remaining -= costs[0]!) {
      expect((await ask(urls[0]!, PATHS[0]!)).status).toBe(200);
    }
    for (const url of urls) for (const path of PATHS) expect((await ask(url, path)).status).toBe(429);
    // Another tenant has a quota of its own.
    expect((await ask(urls[1]!, PATHS[0]!, 'key-of-beta')).status).toBe(200);
  });

  test('goes on without Redis, and does not lift the quota', async () => {
    const [url] = await gateways(['info'], 200);
    expect((await ask(url!, PATHS[0]!)).status).toBe(200);
    if (process.env.TEST_REDIS_URL) return;
    await redis.kill();
    try {
      const statuses: number[] = [];
      for (let i = 0; i < LIMIT + 3; i += 1) statuses.push((await ask(url!, PATHS[0]!)).status);
      expect(statuses[0]).toBe(200);
      expect(statuses.at(-1)).toBe(429);
    } finally {
      await redis.revive();
    }
  });
});
