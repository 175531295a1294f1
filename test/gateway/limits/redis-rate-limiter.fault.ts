import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../../gateway/app/logger.ts';
import { redisRateLimiter, type SharedRateLimiter } from '../../../gateway/limits/redis-rate-limiter.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../../helpers/redis.ts';
import { until } from '../../helpers/until.ts';

describe.skipIf(redisMissing())('quotas over Redis', () => {
  let redis: TestRedis;
  const open: SharedRateLimiter[] = [];
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterEach(async () => {
    for (const limiter of open.splice(0)) await limiter.close();
    await redis.flush();
  });
  afterAll(() => redis?.stop());

  /** A gateway's limiter; its own memory would allow nothing, so what it allows was counted by Redis. */
  async function gateway(limit: number, limitOf: (key: string) => number | null = () => null, own = limit) {
    const limiter = redisRateLimiter({
      redisUrl: redis.url,
      limit,
      limitOf,
      windowSeconds: 3600,
      nowMs: () => 0,
      timeoutMs: 5_000,
      logger: createLogger('silent'),
    });
    open.push(limiter);
    // While the connection is made each process counts for itself, under another key.
    await until(
      'Redis to count',
      async () => (await limiter.take(`probe-${own}-${Math.random()}`, 0)).allowed,
    );
    return limiter;
  }

  test('are one for all gateways, and refused requests cost nothing', async () => {
    const [one, two] = [await gateway(10), await gateway(10)];
    await until('both to share', async () => {
      const key = `shared-${Math.random()}`;
      await one.take(key, 4);
      return (await two.take(key, 0)).remaining === 6;
    });
    const decisions = [];
    for (let i = 0; i < 6; i += 1) decisions.push(await (i % 2 === 0 ? one : two).take('alpha', 2));
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false]);
    expect(decisions.at(-1)).toMatchObject({ limit: 10, remaining: 0, windowSeconds: 3600 });
    expect(decisions.at(-1)!.retryAfterSeconds).toBeGreaterThan(700);
    expect(await two.take('beta', 1)).toMatchObject({ allowed: true, remaining: 9 });
  });

  test('of a protocol with a limit of its own are that limit', async () => {
    const limiter = await gateway(10, (key) => (key === 'small' ? 2 : null));
    await until('Redis to count', async () => (await limiter.take(`p-${Math.random()}`, 1)).remaining === 9);
    expect(await limiter.take('small', 1)).toMatchObject({ allowed: true, limit: 2, remaining: 1 });
    expect(await limiter.take('small', 2)).toMatchObject({ allowed: false, limit: 2 });
  });

  test('are not whole again for a process because Redis dies', async () => {
    if (process.env.TEST_REDIS_URL) return;
    const [limiter, other] = [await gateway(5), await gateway(5)];
    const counted = await until('Redis to count', async () => {
      const key = `spent-${Math.random()}`;
      await limiter.take(key, 3);
      return (await other.take(key, 0)).remaining === 2 ? key : null;
    });
    await redis.kill();
    const alone = [];
    for (let i = 0; i < 3; i += 1) alone.push((await limiter.take(counted, 1)).allowed);
    expect(alone).toEqual([true, true, false]);
    await redis.revive();
  });

  test('go on in each process when Redis dies, and over Redis when it is back', async () => {
    if (process.env.TEST_REDIS_URL) return;
    const limiter = await gateway(3);
    await redis.kill();
    await until('the loss to be seen', async () => (await limiter.take('lost', 0)).allowed);
    const alone = [];
    for (let i = 0; i < 4; i += 1) alone.push((await limiter.take('alpha', 1)).allowed);
    expect(alone).toEqual([true, true, true, false]);
    await redis.revive();
    // An empty Redis knows nothing of what was counted meanwhile: the quota is whole there.
    await until('Redis to count again', async () => (await limiter.take('alpha', 0)).remaining === 3);
    expect(await limiter.take('alpha', 3)).toMatchObject({ allowed: true, remaining: 0 });
  });
});
