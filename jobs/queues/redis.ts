import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import type { Logger } from '../../db/logger.ts';
import { QueueUnavailableError } from '../errors.ts';
import { type QueueBackend, workerOptions } from './backend.ts';
import { QueueCache } from './queue-cache.ts';

/** Keys of all queues start with it, so that the Redis may be shared. */
const PREFIX = 'breakwater';

/** BullMQ on Redis. @throws QueueUnavailableError when the server does not answer within 5 s */
export async function createRedisQueues(options: {
  readonly redisUrl: string;
  readonly logger: Logger;
}): Promise<QueueBackend> {
  const { redisUrl, logger } = options;
  await ping(redisUrl);
  const common = {
    url: redisUrl,
    connectTimeout: 5_000,
    retryStrategy: (times: number) => Math.min(100 * 2 ** Math.min(times, 6), 3_000),
  };
  // Whoever enqueues wants an answer now; a worker waits for the server as long as it takes.
  const producer = { ...common, maxRetriesPerRequest: 2 };
  const consumer = { ...common, maxRetriesPerRequest: null };
  const queues = new QueueCache(
    (name) => new Queue(name, { connection: producer, prefix: PREFIX, skipWaitingForReady: true }),
    logger,
  );
  return {
    name: 'redis',
    queue: (name) => queues.get(name),
    worker: async (name, handler, settings = {}) => {
      const worker = new Worker(name, (job, _token, signal) => handler(job, signal), {
        connection: consumer,
        prefix: PREFIX,
        ...workerOptions(settings),
      });
      return queues.adopt(worker);
    },
    // BullMQ's scripts are atomic on Redis; nothing more is needed.
    exclusively: (_name, work) => work(),
    close: () => queues.close(),
  };
}

async function ping(url: string): Promise<void> {
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: 5_000,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  // The event says why; the rejected promise only that the connection is closed.
  let reason: Error | undefined;
  client.on('error', (error) => {
    reason = error;
  });
  try {
    await client.connect();
    await client.ping();
  } catch (thrown) {
    const error = reason ?? thrown;
    throw new QueueUnavailableError(error instanceof Error ? error.message : String(error), error);
  } finally {
    client.disconnect();
  }
}
