import { AsyncLocalStorage } from 'node:async_hooks';

const present = new AsyncLocalStorage<string | null>();

/**
 * Runs `work` on behalf of an HTTP request, whose id goes with everything that comes of it: log lines, rows of the
 * outbox, jobs and what they do in turn. null: on behalf of none.
 */
export function withCause<T>(requestId: string | null, work: () => T): T {
  return present.run(requestId, work);
}

/** Id of the HTTP request on whose behalf this runs; null on behalf of none. */
export function currentCause(): string | null {
  return present.getStore() ?? null;
}
