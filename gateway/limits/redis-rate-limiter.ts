import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import {
  inMemoryRateLimiter,
  payable,
  type RateLimiter,
  type RateLimiterOptions,
  rateDecision,
} from './rate-limiter.ts';

export interface RedisRateLimiterOptions extends RateLimiterOptions {
  readonly redisUrl: string;
  readonly logger: Logger;
  /** Longest that a request waits for Redis. Default 100 ms. */
  readonly timeoutMs?: number;
}

const PREFIX = 'breakwater:quota:';

/**
 * The same bucket as in memory, on the clock of Redis: reads, restores, takes and writes in one step. Answers whether
 * it was allowed and what is left, in millionths of a unit because scripts answer with integers.
 */
const SCRIPT = `
local limit = tonumber(ARGV[1])
local windowMs = tonumber(ARGV[2])
local cost = tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local bucket = redis.call('HMGET', KEYS[1], 'units', 'at')
local units = limit
if bucket[1] then
  units = math.min(limit, tonumber(bucket[1]) + math.max(0, now - tonumber(bucket[2])) * limit / windowMs)
end
local allowed = 0
if units >= cost then
  units = units - cost
  allowed = 1
end
redis.call('HSET', KEYS[1], 'units', string.format('%.9f', units), 'at', string.format('%.3f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(windowMs * 2))
return { allowed, math.floor(units * 1000000) }
`;

interface Scripted {
  takeUnits(key: string, limit: number, windowMs: number, cost: number): Promise<[number, number]>;
}

export interface SharedRateLimiter extends RateLimiter {
  close(): Promise<void>;
}

/**
 * One quota per key for all gateways over one Redis. While Redis does not answer, each process counts for itself, from
 * what it has served before, so that a lost Redis neither stops the service nor lifts the quota.
 */
export function redisRateLimiter(options: RedisRateLimiterOptions): SharedRateLimiter {
  const { redisUrl, logger, windowSeconds } = options;
  const alone = inMemoryRateLimiter(options);
  const client = new Redis(redisUrl, {
    connectTimeout: 5_000,
    commandTimeout: options.timeoutMs ?? 100,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    retryStrategy: (times) => Math.min(100 * 2 ** Math.min(times, 6), 3_000),
  });
  let told = false;
  client.on('error', (error) => {
    if (!told) logger.warn({ err: error }, 'quotas are counted by this process alone: Redis does not answer');
    told = true;
  });
  client.on('ready', () => {
    told = false;
  });
  client.defineCommand('takeUnits', { numberOfKeys: 1, lua: SCRIPT });
  const scripted = client as unknown as Scripted;
  return {
    async take(key, asked) {
      const limit = options.limitOf?.(key) ?? options.limit;
      const cost = payable(asked, limit);
      if (client.status !== 'ready') return alone.take(key, cost);
      try {
        const [allowed, millionths] = await scripted.takeUnits(
          PREFIX + key,
          limit,
          windowSeconds * 1000,
          cost,
        );
        // Counted here as well: a process that loses Redis for a moment goes on from what it has served.
        if (allowed === 1) alone.take(key, cost);
        return rateDecision({ allowed: allowed === 1, limit, windowSeconds, cost, left: millionths / 1e6 });
      } catch (error) {
        logger.debug({ err: error }, 'Redis did not count a request');
        return alone.take(key, cost);
      }
    },
    async close() {
      client.disconnect();
    },
  };
}
