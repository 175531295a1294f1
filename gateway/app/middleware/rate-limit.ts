import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import { wantsCsv } from '../../csv/respond.ts';
import type { RateDecision, RateLimiter } from '../../limits/rate-limiter.ts';
import type { GatewayEnv, NodeEnvironment } from '../context.ts';
import { RateLimitedError } from '../http-errors.ts';

/** A prediction simulates thousands of paths, an analysis searches over as many margins. */
const SEARCH_COST = 20;
const SEARCHES =
  /^\/v1\/(accounts\/[^/]+\/(margin\/predicted|capacity|liquidation-price|liquidation-plan|stress)|modules\/[^/]+\/[^/]+\/shadow|attestations\/withdrawal\/[^/]+\/[^/]+)$/;

/** Lists that can be had whole, as CSV. */
const EXPORTS = /^\/v1\/(accounts|audit|prices\/[^/]+\/history)$/;

function costOf(req: Context['req']): number {
  if (SEARCHES.test(req.path)) return SEARCH_COST;
  return EXPORTS.test(req.path) && wantsCsv(req.header('Accept'), req.query('format')) ? SEARCH_COST : 1;
}

/** RateLimit and RateLimit-Policy as in draft-ietf-httpapi-ratelimit-headers. */
export function rateLimitHeaders(decision: RateDecision): Record<string, string> {
  return {
    'RateLimit-Policy': policyText(decision),
    RateLimit: quotaText(decision),
  };
}

export const policyText = ({ limit, windowSeconds }: RateDecision) =>
  `"requests";q=${limit};w=${windowSeconds}`;
export const quotaText = ({ remaining, resetSeconds }: RateDecision) =>
  `"requests";r=${remaining};t=${resetSeconds}`;

const counted = new WeakMap<Request | IncomingMessage, RateDecision>();

/** The request was counted before it came to the middleware, which then goes by this decision. */
export function countedAlready(request: Request | IncomingMessage, decision: RateDecision): void {
  counted.set(request, decision);
}

/** Counts a request against the quota of its protocol before anything is read or computed for it. */
export function rateLimit(limiter: RateLimiter): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const incoming = (c.env as NodeEnvironment)?.incoming;
    const before = counted.get(c.req.raw) ?? (incoming === undefined ? undefined : counted.get(incoming));
    const decision = before ?? (await limiter.take(c.get('protocol'), costOf(c.req)));
    const headers = rateLimitHeaders(decision);
    if (!decision.allowed) throw new RateLimitedError(decision.retryAfterSeconds, headers);
    for (const [name, value] of Object.entries(headers)) c.header(name, value);
    await next();
  };
}
