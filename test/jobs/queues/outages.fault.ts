import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { postmasterPid } from '../../../db/embedded/lock.ts';
import { startEmbeddedPostgres } from '../../../db/embedded.ts';
import { enqueue } from '../../../jobs/enqueue.ts';
import { QueueUnavailableError } from '../../../jobs/errors.ts';
import type { QueueBackend } from '../../../jobs/queues/backend.ts';
import { createQueueBackend } from '../../../jobs/queues/create.ts';
import { startWorkers } from '../../../jobs/runtime.ts';
import { schedule } from '../../../jobs/schedule.ts';
import { bindTask, defineTask } from '../../../jobs/task.ts';
import { redisMissing, startTestRedis, type TestRedis } from '../../helpers/redis.ts';
import { until } from '../../helpers/until.ts';

const taskOf = (name: string) =>
  defineTask({
    name,
    payload: z.strictObject({ n: z.int() }),
    timeoutMs: 5_000,
    attempts: 3,
    backoff: { delayMs: 50, jitter: 0.5 },
    run: async ({ n }, seen: number[]) => void seen.push(n),
  });

it.each([{ databaseUrl: 'postgres://nobody@127.0.0.1:1/none' }, { redisUrl: 'redis://127.0.0.1:1' }])(
  'a backend without a server is refused with a reason: %s',
  async (options) => {
    const refused = await createQueueBackend(options).catch((error) => error);
    expect(refused).toBeInstanceOf(QueueUnavailableError);
    expect(refused.retryable).toBe(true);
    expect(refused.message).toContain('ECONNREFUSED');
  },
);

describe('PostgreSQL killed under running workers', () => {
  it('keeps every acknowledged job and runs it when the server is back, without a restart of the worker', async () => {
    const root = mkdtempSync(join(tmpdir(), 'breakwater-outage-'));
    const server = await startEmbeddedPostgres({ dataDir: join(root, 'data') });
    const backend = await createQueueBackend({ databaseUrl: server.url });
    const task = taskOf('outage');
    const seen: number[] = [];
    const quick = { lockDurationMs: 1_000, stalledIntervalMs: 500 };
    const workers = await startWorkers({ backend, tasks: [bindTask(task, seen)], worker: quick });
    const acknowledged: number[] = [];
    const refusals: unknown[] = [];
    let adding = true;
    const producer = (async () => {
      for (let n = 0; adding; n += 1) {
        await enqueue(backend, task, { n }).then(
          () => acknowledged.push(n),
          (error) => refusals.push(error),
        );
        await delay(5);
      }
    })();
    for (let kill = 0; kill < 2; kill += 1) {
      const target = acknowledged.length + 20;
      await until('jobs flow', () => acknowledged.length > target && seen.length > 10);
      const killed = postmasterPid(join(root, 'data/cluster'))!;
      process.kill(killed, 'SIGKILL');
      await until('a new server', () => postmasterPid(join(root, 'data/cluster')) !== killed);
    }
    const target = acknowledged.length + 20;
    await until('jobs flow again', () => acknowledged.length > target);
    adding = false;
    await producer;
    await until('every acknowledged job has run', () => {
      const done = new Set(seen);
      return acknowledged.every((n) => done.has(n));
    });
    for (const refusal of refusals) expect(refusal).toBeInstanceOf(QueueUnavailableError);
    await workers.stop();
    await backend.close();
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });
});

/** Stops workers and backend whose server is gone for good; fails by the test's time limit if that hangs. */
async function stopWithoutServer(backend: QueueBackend, gone: () => Promise<void>) {
  const task = taskOf('abandoned');
  const seen: number[] = [];
  const workers = await startWorkers({ backend, tasks: [bindTask(task, seen)], drainMs: 200 });
  await enqueue(backend, task, { n: 1 });
  await until('the job has run', () => seen.length === 1);
  await gone();
  await expect(enqueue(backend, task, { n: 2 })).rejects.toBeInstanceOf(QueueUnavailableError);
  await workers.stop();
  await backend.close();
  expect(seen).toEqual([1]);
}

it('stops although PostgreSQL is gone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'breakwater-outage-'));
  const server = await startEmbeddedPostgres({ dataDir: join(root, 'data'), sync: false });
  const backend = await createQueueBackend({ databaseUrl: server.url });
  await stopWithoutServer(backend, () => server.stop());
  rmSync(root, { recursive: true, force: true });
});

describe.skipIf(redisMissing() !== null)('Redis', () => {
  const scheduled = async (redis: TestRedis) => {
    const backend = await createQueueBackend({ redisUrl: redis.url });
    const task = taskOf('scheduled');
    const seen: number[] = [];
    const schedules = [schedule(task, 100, { n: 1 })];
    const tasks = [bindTask(task, seen)];
    const workers = await startWorkers({ backend, tasks, schedules, scheduleCheckMs: 200 });
    await until('it runs', () => seen.length >= 3);
    return { backend, task, seen, workers };
  };

  it('flushed under running workers gets its schedules back without a restart', async () => {
    const redis = await startTestRedis();
    const { backend, seen, workers } = await scheduled(redis);
    await redis.flush();
    const before = seen.length;
    await until('it runs again', () => seen.length >= before + 3);
    await workers.stop();
    await backend.close();
    await redis.stop();
  });

  it.skipIf(process.env.TEST_REDIS_URL)(
    'killed and started empty goes on without a restart of the workers',
    async () => {
      const redis = await startTestRedis();
      const { backend, task, seen, workers } = await scheduled(redis);
      await redis.kill();
      const refused = await enqueue(backend, task, { n: 9 }).catch((error) => error);
      expect(refused).toBeInstanceOf(QueueUnavailableError);
      await redis.revive();
      const before = seen.length;
      await until('it runs again', () => seen.length >= before + 3);
      await workers.stop();
      await backend.close();
      await redis.stop();
    },
  );

  it.skipIf(process.env.TEST_REDIS_URL)('gone for good does not hold up a stop', async () => {
    const redis = await startTestRedis();
    const backend = await createQueueBackend({ redisUrl: redis.url });
    await stopWithoutServer(backend, () => redis.kill());
    await redis.stop();
  });
});
