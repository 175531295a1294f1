/** What became of one request against a quota. Seconds are wall time. */
export interface RateDecision {
  readonly allowed: boolean;
  /** Units that a full quota holds, restored over `windowSeconds`. */
  readonly limit: number;
  readonly windowSeconds: number;
  /** Whole units left after this request. */
  readonly remaining: number;
  /** Until the quota is full again. */
  readonly resetSeconds: number;
  /** Until the same request would be allowed; 0 when it was. */
  readonly retryAfterSeconds: number;
}

/**
 * One quota per key; a refused request costs nothing. What costs more than a whole quota takes the whole of it: it waits for a
 * full one, instead of being told for ever to come again.
 */
export interface RateLimiter {
  /** Set where decisions are there at once, never promised: an `ImmediateRateLimiter`. */
  readonly immediate?: true;
  take(key: string, cost: number): RateDecision | Promise<RateDecision>;
}

export interface ImmediateRateLimiter extends RateLimiter {
  readonly immediate: true;
  take(key: string, cost: number): RateDecision;
}

export const isImmediate = (limiter: RateLimiter): limiter is ImmediateRateLimiter =>
  limiter.immediate === true;

export interface RateLimiterOptions {
  /** Units of every key without a limit of its own. */
  readonly limit: number;
  /** Limit of a key that has its own, else null. */
  readonly limitOf?: (key: string) => number | null;
  readonly windowSeconds: number;
  /** Wall milliseconds. */
  readonly nowMs: () => number;
}

/**
 * Token bucket in memory: holds `limit` units and restores them evenly over the window, so that a burst is
 * possible and the long-run rate is exact. Each process counts for itself.
 */
export function inMemoryRateLimiter(options: RateLimiterOptions): ImmediateRateLimiter {
  const { windowSeconds, nowMs } = options;
  const buckets = new Map<string, { units: number; atMs: number }>();
  return {
    immediate: true,
    take(key, asked) {
      const now = nowMs();
      const limit = options.limitOf?.(key) ?? options.limit;
      const cost = payable(asked, limit);
      const perMs = limit / (windowSeconds * 1000);
      const bucket = buckets.get(key) ?? { units: limit, atMs: now };
      // A wall clock that was set back restores nothing and takes nothing.
      const units = Math.min(limit, bucket.units + Math.max(0, now - bucket.atMs) * perMs);
      const allowed = units >= cost;
      const left = allowed ? units - cost : units;
      buckets.set(key, { units: left, atMs: now });
      return rateDecision({ allowed, limit, windowSeconds, cost, left });
    },
  };
}

/** What a request takes of a quota of this size. */
export function payable(cost: number, limit: number): number {
  return Math.min(cost, Math.max(1, limit));
}

/** The decision as it is told, from what is left in the bucket after the request. */
export function rateDecision(state: {
  readonly allowed: boolean;
  readonly limit: number;
  readonly windowSeconds: number;
  readonly cost: number;
  /** Units, with their fraction. */
  readonly left: number;
}): RateDecision {
  const { allowed, limit, windowSeconds, cost, left } = state;
  return {
    allowed,
    limit,
    windowSeconds,
    remaining: Math.floor(left),
    resetSeconds: secondsFor(limit - left, state),
    retryAfterSeconds: allowed ? 0 : Math.max(1, secondsFor(Math.min(cost, limit) - left, state)),
  };
}

/** Multiplied before it is divided: 21 units of 21 in 60 s take 60 s, not a hair more. */
function secondsFor(units: number, of: { readonly limit: number; readonly windowSeconds: number }): number {
  return Math.ceil((units * of.windowSeconds) / of.limit);
}
