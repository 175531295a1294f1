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

/** One quota per key; a refused request costs nothing. */
export interface RateLimiter {
  take(key: string, cost: number): RateDecision | Promise<RateDecision>;
}

export interface RateLimiterOptions {
  readonly limit: number;
  readonly windowSeconds: number;
  /** Wall milliseconds. */
  readonly nowMs: () => number;
}

/**
 * Token bucket in memory: holds `limit` units and restores them evenly over the window, so that a burst is
 * possible and the long-run rate is exact. Each process counts for itself.
 */
export function inMemoryRateLimiter({ limit, windowSeconds, nowMs }: RateLimiterOptions): RateLimiter {
  const buckets = new Map<string, { units: number; atMs: number }>();
  const perMs = limit / (windowSeconds * 1000);
  return {
    take(key, cost) {
      const now = nowMs();
      const bucket = buckets.get(key) ?? { units: limit, atMs: now };
      // A wall clock that was set back restores nothing and takes nothing.
      const units = Math.min(limit, bucket.units + Math.max(0, now - bucket.atMs) * perMs);
      const allowed = units >= cost;
      const left = allowed ? units - cost : units;
      buckets.set(key, { units: left, atMs: now });
      return {
        allowed,
        limit,
        windowSeconds,
        remaining: Math.floor(left),
        resetSeconds: Math.ceil((limit - left) / perMs / 1000),
        retryAfterSeconds: allowed
          ? 0
          : Math.max(1, Math.ceil((Math.min(cost, limit) - left) / perMs / 1000)),
      };
    },
  };
}
