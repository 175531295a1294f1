import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import type { KeyRing, Principal } from '../../auth/key-ring.ts';
import { requiredScope } from '../../auth/scopes.ts';
import type { RateDecision, RateLimiter } from '../../limits/rate-limiter.ts';
import type { GatewayApp } from '../context.ts';
import type { Metrics } from '../metrics.ts';
import { bearerToken } from '../middleware/authenticate.ts';
import { NOT_STORED } from '../middleware/caching.ts';
import { policyText, quotaText } from '../middleware/rate-limit.ts';
import { requestIdOf } from '../middleware/request-id.ts';
import { SECURITY_HEADERS } from '../middleware/security-headers.ts';

/** A read that memory can answer: `prefix`, an id, `suffix`, and no query. */
export interface DirectRead {
  /** Pattern of the route that answers otherwise: the label of its metrics. */
  readonly route: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly id: RegExp;
  /** JSON of the answer as it is right now; null sends the request the ordinary way. */
  text(protocol: string, id: string): string | null;
}

export interface ShortWayOptions {
  readonly ring: KeyRing;
  readonly rateLimiter: RateLimiter | null;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export interface DirectReadsOptions extends ShortWayOptions {
  readonly reads: readonly DirectRead[];
}

/** Node's request, when the application is served by it. */
export type Environment = { readonly incoming?: IncomingMessage } | undefined;

/**
 * Puts a short way in front of the application for reads that are answered from memory: known key, sufficient scope,
 * quota not used up, answer at hand. Every other request goes the ordinary way, which refuses what is to be refused; a
 * test holds both ways to the same answers. The middleware alone costs twice what such an answer does.
 */
export function answerDirectly(app: GatewayApp, options: DirectReadsOptions): void {
  const { reads, rateLimiter, metrics, logger } = options;
  const ordinary = app.fetch;
  const given = (
    read: DirectRead,
    started: number,
    text: string,
    id: string,
    decision: RateDecision | null,
  ) => {
    const response = new Response(text, { status: 200, headers: headersOf(id, decision) });
    metrics.observeRequest('GET', read.route, 200, (performance.now() - started) / 1000);
    return response;
  };
  app.fetch = (request, env, context) => {
    // What is logged goes the way that logs.
    if (request.method !== 'GET' || logger.isLevelEnabled('debug')) return ordinary(request, env, context);
    const started = performance.now();
    const { incoming } = (env ?? {}) as NonNullable<Environment>;
    const target = incoming?.url ?? pathOf(request.url);
    const header = (name: string) =>
      incoming === undefined ? request.headers.get(name) : (incoming.headers[name] as string | undefined);
    for (const read of reads) {
      if (!target.startsWith(read.prefix) || !target.endsWith(read.suffix)) continue;
      const id = target.slice(read.prefix.length, target.length - read.suffix.length);
      // Who says no-cache wants an answer formed for this request; and some ask for a table.
      if (!read.id.test(id) || header('cache-control') != null || asksOtherwise(header('accept'))) break;
      const found = answerOf(read, id, target, header('authorization') ?? undefined, options.ring);
      if (found === null) break;
      const requestId = requestIdOf(header('x-request-id') ?? undefined);
      if (rateLimiter === null) return given(read, started, found.text, requestId, null);
      const decision = rateLimiter.take(found.protocol, 1);
      const answer = (of: RateDecision) =>
        of.allowed ? given(read, started, found.text, requestId, of) : ordinary(request, env, context);
      return decision instanceof Promise ? decision.then(answer) : answer(decision);
    }
    return ordinary(request, env, context);
  };
}

/** The answer for whom the key belongs to; null when the ordinary way must say why there is none, or find it. */
function answerOf(
  read: DirectRead,
  id: string,
  path: string,
  authorization: string | undefined,
  ring: KeyRing,
): { readonly protocol: string; readonly text: string } | null {
  if (!ring.required()) return null;
  try {
    const principal: Principal | null = ring.find(bearerToken(authorization));
    if (principal === null || !principal.scopes.has(requiredScope('GET', path))) return null;
    const { protocol } = principal;
    const text = read.text(protocol, id);
    return text === null ? null : { protocol, text };
  } catch {
    // Whatever it was, it happens again on the ordinary way and is told there.
    return null;
  }
}

/** Headers of an answer that went the short way: those which the middleware of the application gives. */
export function headersOf(requestId: string, decision: RateDecision | null): Record<string, string> {
  const headers: Record<string, string> = {
    'x-request-id': requestId,
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

const JSON_ACCEPTED = /^(?:\*\/\*|application\/json)$/;

/** The ordinary way weighs whatever else a caller would like. */
function asksOtherwise(accept: string | null | undefined): boolean {
  return accept != null && !JSON_ACCEPTED.test(accept);
}

/** `http://host/path?query` -> `/path?query`. */
export function pathOf(url: string): string {
  return url.slice(url.indexOf('/', url.indexOf('://') + 3));
}
