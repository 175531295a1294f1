import type { KeyRing } from '../../auth/key-ring.ts';
import { requiredScope } from '../../auth/scopes.ts';
import type { RateDecision } from '../../limits/rate-limiter.ts';
import type { GatewayApp } from '../context.ts';
import { countedAlready } from '../middleware/rate-limit.ts';
import { answered, askedOf, type HeaderOf, principalOf, type ShortWayOptions } from './short-way.ts';

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

export interface DirectReadsOptions extends ShortWayOptions {
  readonly reads: readonly DirectRead[];
}

/**
 * Puts a short way in front of the application for reads that are answered from memory: known key, sufficient scope,
 * quota not used up, answer at hand. Every other request goes the ordinary way, which refuses what is to be refused; a
 * test holds both ways to the same answers. The middleware alone costs twice what such an answer does.
 */
export function answerDirectly(app: GatewayApp, options: DirectReadsOptions): void {
  const { reads, rateLimiter, metrics, logger } = options;
  const ordinary = app.fetch;
  app.fetch = (request, env, context) => {
    // What is logged goes the way that logs.
    if (request.method !== 'GET' || logger.isLevelEnabled('debug')) return ordinary(request, env, context);
    const started = performance.now();
    const { target, header } = askedOf(request, env);
    for (const read of reads) {
      if (!target.startsWith(read.prefix) || !target.endsWith(read.suffix)) continue;
      const id = target.slice(read.prefix.length, target.length - read.suffix.length);
      // Who says no-cache wants an answer formed for this request; and some ask for a table.
      if (!read.id.test(id) || header('cache-control') != null || asksOtherwise(header('accept'))) break;
      const found = answerOf(read, id, target, header, options.ring);
      if (found === null) break;
      const answer = (decision: RateDecision | null) => {
        if (decision === null || decision.allowed) {
          const { route } = read;
          return answered(found.text, { method: 'GET', route, header, decision, started }, metrics);
        }
        countedAlready(request, decision);
        return ordinary(request, env, context);
      };
      if (rateLimiter === null) return answer(null);
      const decision = rateLimiter.take(found.protocol, 1);
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
  header: HeaderOf,
  ring: KeyRing,
): { readonly protocol: string; readonly text: string } | null {
  const principal = principalOf(header, ring);
  if (principal === null || !principal.scopes.has(requiredScope('GET', path))) return null;
  const { protocol } = principal;
  try {
    const text = read.text(protocol, id);
    return text === null ? null : { protocol, text };
  } catch {
    // Whatever it was, it happens again on the ordinary way and is told there.
    return null;
  }
}

const JSON_ACCEPTED = /^(?:\*\/\*|application\/json)$/;

/** The ordinary way weighs whatever else a caller would like. */
function asksOtherwise(accept: string | null | undefined): boolean {
  return accept != null && !JSON_ACCEPTED.test(accept);
}
