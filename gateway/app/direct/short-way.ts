import type { IncomingMessage, ServerResponse } from 'node:http';
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

/** What is asked, from Node's own request where there is one: that costs nothing. */
export class Asked {
  readonly #headers: Headers | null;
  readonly #incoming: IncomingMessage | undefined;
  /** Path with query. */
  readonly target: string;
  /** `performance.now()` when the request came. */
  readonly startedMs = performance.now();

  /** `incoming` alone is enough when no header of it is repeated. */
  constructor(request: Request | null, incoming: IncomingMessage | undefined) {
    this.target = incoming?.url ?? pathOf(request?.url ?? '');
    // Of a header that comes twice Node tells the first; the ordinary way, and whoever stands before us, may read another.
    this.#incoming =
      incoming === undefined || (request !== null && isRepeated(incoming)) ? undefined : incoming;
    this.#headers = this.#incoming === undefined ? request!.headers : null;
  }

  header(name: string): string | null | undefined {
    return this.#incoming === undefined
      ? this.#headers!.get(name)
      : (this.#incoming.headers[name] as string | undefined);
  }
}

/** Whether any header comes more than once. */
export function isRepeated({ headers, rawHeaders }: IncomingMessage): boolean {
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
  const response = new Response(text, { status: 200, headers: headersOf(asked, decision) });
  series.observe((performance.now() - asked.startedMs) / 1000);
  return response;
}

/** The same written to Node's own answer. */
export function answeredNow(
  outgoing: ServerResponse,
  asked: Asked,
  text: string,
  decision: RateDecision | null,
  series: RequestSeries,
): void {
  const headers = headersOf(asked, decision);
  headers['content-length'] = String(Buffer.byteLength(text));
  outgoing.writeHead(200, headers);
  outgoing.end(text);
  series.observe((performance.now() - asked.startedMs) / 1000);
}

function headersOf(asked: Asked, decision: RateDecision | null): Record<string, string> {
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
  return headers;
}

/** `http://host/path?query` -> `/path?query`. */
function pathOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('://') + 3));
}
