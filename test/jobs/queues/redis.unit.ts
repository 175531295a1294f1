import { afterAll, beforeAll, describe } from 'vitest';
import { createQueueBackend } from '../../../jobs/queues/create.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../../helpers/redis.ts';
import { queueSuite } from './suite.ts';

describe.skipIf(redisMissing() !== null)('jobs on Redis', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startTestRedis();
  });
  afterAll(() => redis.stop());

  queueSuite(() => createQueueBackend({ redisUrl: redis.url }));
});
