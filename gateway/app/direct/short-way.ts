import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { KeyRing, Principal } from '../../auth/key-ring.ts';
import type { RateDecision, RateLimiter } from '../../limits/rate-limiter.ts';
import type { Metrics, RequestSeries } from '../metrics.ts';
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

/** Node's request, when the application is served by it. */
type Environment = { readonly incoming?: IncomingMessage } | undefined;

/** What is asked, from Node's own request where there is one: that costs nothing. */
export class Asked {
  readonly request: Request;
  readonly #incoming: IncomingMessage | undefined;
  /** Path with query. */
  readonly target: string;
  /** `performance.now()` when the request came. */
  readonly startedMs = performance.now();

  constructor(request: Request, env: unknown) {
    const incoming = (env as Environment)?.incoming;
    this.request = request;
    this.target = incoming?.url ?? pathOf(request.url);
    // Of a header that comes twice Node tells the first; the ordinary way, and whoever stands before us, may read another.
    this.#incoming = incoming === undefined || isRepeated(incoming) ? undefined : incoming;
  }

  header(name: string): string | null | undefined {
    return this.#incoming === undefined
      ? this.request.headers.get(name)
      : (this.#incoming.headers[name] as string | undefined);
  }
}

/** Whether any header comes more than once. */
function isRepeated({ headers, rawHeaders }: IncomingMessage): boolean {
  let names = 0;
  for (const _ in headers) names += 1;
  return 2 * names !== rawHeaders.length;
}

/** Whom the key of the request belongs to; null when the ordinary way must say why there is nobody. */
export function principalOf(asked: Asked, ring: KeyRing): Principal | null {
  if (!ring.required()) return null;
  try {
    return ring.find(bearerToken(asked.header('authorization') ?? undefined));
  } catch {
    return null;
  }
}

/** A JSON answer with the headers that the middleware of the application gives, counted under the route's label. */
export function answered(
  asked: Asked,
  text: string,
  decision: RateDecision | null,
  series: RequestSeries,
): Response {
  const headers: Record<string, string> = {
    'x-request-id': requestIdOf(asked.header('x-request-id') ?? undefined),
    ...SECURITY_HEADERS,
    'cache-control': NOT_STORED,
    'content-type': 'application/json',
  };
  if (decision !== null) {
    headers['ratelimit-policy'] = policyText(decision);
    headers.ratelimit = quotaText(decision);
  }
  const response = new Response(text, { status: 200, headers });
  series.observe((performance.now() - asked.startedMs) / 1000);
  return response;
}

/** `http://host/path?query` -> `/path?query`. */
function pathOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('://') + 3));
}
