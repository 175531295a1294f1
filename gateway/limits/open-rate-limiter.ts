import type { Logger } from 'pino';
import type { GatewayConfig } from '../config/env.ts';
import type { Cleanup } from '../runtime/cleanup.ts';
import { inMemoryRateLimiter, type RateLimiter } from './rate-limiter.ts';
import { redisRateLimiter } from './redis-rate-limiter.ts';

/** The limiter of a gateway process: shared over Redis where there is one; null when RATE_LIMIT_PER_MINUTE is 0. */
export function openRateLimiter(options: {
  readonly config: Pick<GatewayConfig, 'rateLimitPerMinute' | 'redisUrl'>;
  /** Requests per minute of a protocol with a quota of its own. */
  readonly quota: (protocol: string) => number | null;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}): RateLimiter | null {
  const { config, quota, logger, cleanup } = options;
  const { rateLimitPerMinute: limit, redisUrl } = config;
  if (limit === 0) return null;
  const common = { limit, limitOf: quota, windowSeconds: 60, nowMs: Date.now };
  if (redisUrl === null) return inMemoryRateLimiter(common);
  const limiter = redisRateLimiter({ ...common, redisUrl, logger });
  cleanup.add('quotas', () => limiter.close());
  return limiter;
}
