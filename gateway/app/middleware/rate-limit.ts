import type { MiddlewareHandler } from 'hono';
import type { RateDecision, RateLimiter } from '../../limits/rate-limiter.ts';
import type { GatewayEnv } from '../context.ts';
import { RateLimitedError } from '../http-errors.ts';

/** A prediction simulates thousands of paths, an analysis searches over as many margins. */
const SEARCH_COST = 20;
const SEARCHES =
  /^\/v1\/(accounts\/[^/]+\/(margin\/predicted|capacity|liquidation-price|liquidation-plan|stress)|modules\/[^/]+\/[^/]+\/shadow)$/;

/** RateLimit and RateLimit-Policy as in draft-ietf-httpapi-ratelimit-headers. */
export function rateLimitHeaders(decision: RateDecision): Record<string, string> {
  return {
    'RateLimit-Policy': `"requests";q=${decision.limit};w=${decision.windowSeconds}`,
    RateLimit: `"requests";r=${decision.remaining};t=${decision.resetSeconds}`,
  };
}

/** Counts a request against the quota of its protocol before anything is read or computed for it. */
export function rateLimit(limiter: RateLimiter): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const cost = SEARCHES.test(c.req.path) ? SEARCH_COST : 1;
    const decision = await limiter.take(c.get('protocol'), cost);
    const headers = rateLimitHeaders(decision);
    if (!decision.allowed) throw new RateLimitedError(decision.retryAfterSeconds, headers);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    await next();
  };
}
