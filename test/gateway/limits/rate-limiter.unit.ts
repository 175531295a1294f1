import { describe, expect, test } from 'vitest';
import { inMemoryRateLimiter } from '../../../gateway/limits/rate-limiter.ts';
import { asker } from '../support/contract.ts';
import { BOOK, createWorld, jsonRequest } from '../support/gateway.ts';

function limiter(limit: number) {
  const clock = { ms: 1_000_000 };
  return { clock, ...inMemoryRateLimiter({ limit, windowSeconds: 60, nowMs: () => clock.ms }) };
}

describe('inMemoryRateLimiter', () => {
  test('allows a full burst, then what the window restores', () => {
    const { clock, take } = limiter(60);
    for (let i = 59; i >= 0; i -= 1) expect(take('a', 1)).toMatchObject({ allowed: true, remaining: i });
    expect(take('a', 1)).toMatchObject({
      allowed: false,
      remaining: 0,
      retryAfterSeconds: 1,
      resetSeconds: 60,
    });
    clock.ms += 999;
    expect(take('a', 1)).toMatchObject({ allowed: false });
    clock.ms += 1;
    expect(take('a', 1)).toMatchObject({ allowed: true, retryAfterSeconds: 0 });
    clock.ms += 3_600_000;
    expect(take('a', 1)).toMatchObject({ remaining: 59, resetSeconds: 1 });
  });

  test('a refused request costs nothing, and quotas are kept apart', () => {
    const { take } = limiter(10);
    expect(take('a', 6)).toMatchObject({ allowed: true, remaining: 4 });
    expect(take('a', 5)).toMatchObject({ allowed: false, remaining: 4 });
    expect(take('a', 4)).toMatchObject({ allowed: true, remaining: 0 });
    expect(take('b', 1)).toMatchObject({ allowed: true, remaining: 9 });
  });

  test('what costs more than a whole quota waits for a full one, and no longer than it is told', () => {
    const { clock, take } = limiter(10);
    expect(take('a', 1)).toMatchObject({ allowed: true, remaining: 9 });
    const refused = take('a', 20);
    expect(refused).toMatchObject({ allowed: false, remaining: 9, retryAfterSeconds: 6 });
    clock.ms += 6_000;
    expect(take('a', 20)).toMatchObject({ allowed: true, remaining: 0, resetSeconds: 60 });
    const { take: never } = limiter(0);
    expect(never('a', 20)).toMatchObject({ allowed: false });
  });

  test('a wall clock that is set back gives nothing away', () => {
    const { clock, take } = limiter(1);
    expect(take('a', 1)).toMatchObject({ allowed: true });
    clock.ms -= 3_600_000;
    expect(take('a', 1)).toMatchObject({ allowed: false });
  });
});

describe('a gateway with a quota', () => {
  const world = (limit: number) =>
    createWorld({ rateLimiter: inMemoryRateLimiter({ limit, windowSeconds: 60, nowMs: () => 0 }) });

  test('says in every answer what is left, and refuses with Retry-After before it reads the body', async () => {
    const one = world(2);
    const ask = asker(one);
    const first = await ask('/v1/prices/BTC-USD');
    expect(first.headers.get('ratelimit-policy')).toBe('"requests";q=2;w=60');
    expect(first.headers.get('ratelimit')).toBe('"requests";r=1;t=30');
    expect((await ask('/v1/prices/DOGE-USD')).headers.get('ratelimit')).toBe('"requests";r=0;t=60');
    const refused = await ask('/v1/accounts/a/positions', jsonRequest('PUT', { sequence: 1, ...BOOK }));
    expect(refused.json).toMatchObject({
      status: 429,
      type: '/errors/rate-limited',
      details: { retryAfterSeconds: 30 },
    });
    expect(refused.headers.get('retry-after')).toBe('30');
    expect(one.accounts.stored.size).toBe(0);
  });

  test.each([
    '/v1/accounts/nobody/margin/predicted',
    '/v1/accounts/nobody/capacity',
    '/v1/accounts/nobody/liquidation-price',
    '/v1/accounts/nobody/liquidation-plan',
    '/v1/accounts/nobody/stress',
    // Signs what the capacity finds.
    '/v1/attestations/withdrawal/nobody/ETH',
  ])('a search counts as twenty: %s', async (path) => {
    const ask = asker(world(21));
    await ask(path);
    expect((await ask('/v1/prices')).headers.get('ratelimit')).toBe('"requests";r=0;t=60');
    expect((await ask('/v1/prices')).status).toBe(429);
  });

  test('health and metrics are not counted', async () => {
    const ask = asker(world(0));
    expect((await ask('/health')).status).toBe(200);
    expect((await ask('/v1/prices')).status).toBe(429);
  });
});
