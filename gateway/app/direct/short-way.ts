import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { KeyRing, Principal } from '../../auth/key-ring.ts';
import type { RateDecision, RateLimiter } from '../../limits/rate-limiter.ts';
import type { Metrics } from '../metrics.ts';
import { bearerToken } from '../middleware/authenticate.ts';
import { NOT_STORED } from '../middleware/caching.ts';
import { policyText, quotaText } from '../middleware/rate-limit.ts';
import { requestIdOf } from '../middleware/request-id.ts';
import { SECURITY_HEADERS } from '../middleware/security-headers.ts';

/** What every short way in front of the application needs. */
export interface ShortWayOptions {
  readonly ring: KeyRing;
  readonly rateLimiter: RateLimiter | null;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export type HeaderOf = (name: string) => string | null | undefined;

/** Node's request, when the application is served by it. */
type Environment = { readonly incoming?: IncomingMessage } | undefined;

/** Path with query, and headers of a request; from Node's own request, where there is one: that costs nothing. */
export function askedOf(
  request: Request,
  env: unknown,
): { readonly target: string; readonly header: HeaderOf } {
  const incoming = (env as Environment)?.incoming;
  if (incoming === undefined) {
    return { target: pathOf(request.url), header: (name) => request.headers.get(name) };
  }
  return {
    target: incoming.url ?? pathOf(request.url),
    // Of a header that comes twice Node tells the first; the ordinary way, and whoever stands before us, may read another.
    header: isRepeated(incoming)
      ? (name) => request.headers.get(name)
      : (name) => incoming.headers[name] as string | undefined,
  };
}

/** Whether any header comes more than once. */
function isRepeated({ headers, rawHeaders }: IncomingMessage): boolean {
  let names = 0;
  for (const _ in headers) names += 1;
  return 2 * names !== rawHeaders.length;
}

/** Whom the key of the request belongs to; null when the ordinary way must say why there is nobody. */
export function principalOf(header: HeaderOf, ring: KeyRing): Principal | null {
  if (!ring.required()) return null;
  try {
    return ring.find(bearerToken(header('authorization') ?? undefined));
  } catch {
    return null;
  }
}

/** A JSON answer with the headers that the middleware of the application gives, counted under the route's label. */
export function answered(
  text: string,
  of: {
    readonly method: 'GET' | 'POST';
    readonly route: string;
    readonly header: HeaderOf;
    readonly decision: RateDecision | null;
    /** `performance.now()` when the request came. */
    readonly started: number;
  },
  metrics: Metrics,
): Response {
  const { method, route, header, decision, started } = of;
  const headers: Record<string, string> = {
    'x-request-id': requestIdOf(header('x-request-id') ?? undefined),
    ...SECURITY_HEADERS,
    'cache-control': NOT_STORED,
    'content-type': 'application/json',
  };
  if (decision !== null) {
    headers['ratelimit-policy'] = policyText(decision);
    headers.ratelimit = quotaText(decision);
  }
  const response = new Response(text, { status: 200, headers });
  metrics.observeRequest(method, route, 200, (performance.now() - started) / 1000);
  return response;
}

/** `http://host/path?query` -> `/path?query`. */
function pathOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('://') + 3));
}
