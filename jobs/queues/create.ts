import { type Logger, silentLogger } from '../../db/logger.ts';
import type { QueueBackend } from './backend.ts';
import { createPostgresQueues } from './postgres.ts';
import { createRedisQueues } from './redis.ts';

/**
 * Queues on Redis when `redisUrl` is given, else on PostgreSQL (BullMQ's backend for it is new; see docs/jobs.md).
 * Nothing outside this folder depends on which it is.
 * @throws QueueUnavailableError when the server does not answer
 */
export async function createQueueBackend(
  options: ({ readonly redisUrl: string } | { readonly databaseUrl: string }) & { readonly logger?: Logger },
): Promise<QueueBackend> {
  const logger = options.logger ?? silentLogger;
  return 'redisUrl' in options
    ? createRedisQueues({ redisUrl: options.redisUrl, logger })
    : createPostgresQueues({ databaseUrl: options.databaseUrl, logger });
}
