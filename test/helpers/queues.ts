import type { QueueBackend } from '../../jobs/queues/backend.ts';
import { createQueueBackend } from '../../jobs/queues/create.ts';
import { startTestRedis } from './redis.ts';

/** Where the queues of a test are: beside the tables, or with TEST_QUEUES=redis on a Redis of this file alone. */
export interface TestQueues {
  /** What a program needs beside DATABASE_URL to find them. */
  readonly environment: Readonly<Record<string, string>>;
  open(databaseUrl: string): Promise<QueueBackend>;
  stop(): Promise<void>;
}

export async function startTestQueues(): Promise<TestQueues> {
  if (process.env.TEST_QUEUES !== 'redis') {
    return {
      environment: {},
      open: (databaseUrl) => createQueueBackend({ databaseUrl }),
      stop: async () => undefined,
    };
  }
  // Not one that other files use at the same time: the queues of a task have one name everywhere.
  const { url, stop } = await startTestRedis({ own: true });
  return { environment: { REDIS_URL: url }, open: () => createQueueBackend({ redisUrl: url }), stop };
}

/** Queues for one test alone: closing them stops their server. */
export async function openTestQueues(databaseUrl: string): Promise<QueueBackend> {
  const queues = await startTestQueues();
  const backend = await queues.open(databaseUrl);
  return {
    ...backend,
    close: async () => {
      await backend.close();
      await queues.stop();
    },
  };
}
