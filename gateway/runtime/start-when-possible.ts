import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { DatabaseUnavailableError } from '../../db/errors.ts';
import { QueueUnavailableError } from '../../jobs/errors.ts';
import { Cleanup } from './cleanup.ts';

/** Between two tries, wall time. */
const PAUSE_MS = 1_000;

/** Parts of the service did not stop. */
class UnstoppableError extends Error {
  override readonly name = 'UnstoppableError';
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** What a failed start misses, in words for whoever looks after it; null when waiting would not help. */
function missing(error: unknown, redisUrl: string | null, databaseUrl: string | null): string | null {
  const server = (name: string, url: string) => {
    const { host } = new URL(url);
    return `${name} at ${host === '' ? 'a local socket' : host}`;
  };
  const postgres = databaseUrl === null ? 'the embedded PostgreSQL' : server('PostgreSQL', databaseUrl);
  if (error instanceof DatabaseUnavailableError) return postgres;
  if (!(error instanceof QueueUnavailableError)) return null;
  return redisUrl === null ? postgres : server('Redis', redisUrl);
}

/**
 * Starts something that needs PostgreSQL and perhaps Redis, again and again while one of them is not there yet or goes
 * away under it, for `patienceMs` of wall time. What a failed try has started is stopped before the next; what stays is on
 * `cleanup`. Each try that fails is one line of the log.
 * @throws the last failure when the patience is over, and any other failure at once
 */
export async function startWhenPossible<T>(
  options: {
    readonly databaseUrl: string | null;
    readonly redisUrl: string | null;
    readonly patienceMs: number;
    readonly cleanup: Cleanup;
    readonly signal: AbortSignal;
    readonly logger: Logger;
  },
  start: (cleanup: Cleanup) => Promise<T>,
): Promise<T> {
  const { databaseUrl, redisUrl, patienceMs, cleanup, signal, logger } = options;
  const until = performance.now() + patienceMs;
  const failed = (step: string, error: unknown) => logger.warn({ err: error, step }, 'could not be stopped');
  for (;;) {
    const attempt = new Cleanup();
    // Before the start, so that a stop during it finds what is there.
    cleanup.add('the service', async () => {
      const failures: string[] = [];
      await attempt.run((step, error) => failures.push(`${step}: ${messageOf(error)}`));
      if (failures.length > 0) throw new UnstoppableError(failures.join('; '));
    });
    try {
      return await start(attempt);
    } catch (error) {
      const what = missing(error, redisUrl, databaseUrl);
      if (what === null) throw error;
      await attempt.run(failed);
      const reason = messageOf(error);
      const leftMs = until - performance.now();
      if (leftMs <= 0 || signal.aborted) {
        logger.fatal({ missing: what, reason }, `${what} is missing: giving up`);
        throw error;
      }
      const leftSeconds = Math.ceil(leftMs / 1000);
      logger.warn({ missing: what, reason, leftSeconds }, `${what} is not there yet: trying again`);
      await delay(Math.min(PAUSE_MS, leftMs), undefined, { signal });
    }
  }
}
