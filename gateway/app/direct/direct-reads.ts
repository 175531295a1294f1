import type { Scope } from '../../auth/scopes.ts';
import { requiredScope } from '../../auth/scopes.ts';
import type { RateDecision } from '../../limits/rate-limiter.ts';
import type { GatewayApp } from '../context.ts';
import type { RequestSeries } from '../metrics.ts';
import { countedAlready } from '../middleware/rate-limit.ts';
import { Asked, answered, principalOf, type ShortWayOptions } from './short-way.ts';

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

interface CountedRead extends DirectRead {
  readonly scope: Scope;
  readonly series: RequestSeries;
}

/**
 * Puts a short way in front of the application for reads that are answered from memory: known key, sufficient scope,
 * quota not used up, answer at hand. Every other request goes the ordinary way, which refuses what is to be refused; a
 * test holds both ways to the same answers. The middleware alone costs twice what such an answer does.
 */
export function answerDirectly(app: GatewayApp, options: DirectReadsOptions): void {
  const { ring, rateLimiter, metrics, logger } = options;
  const reads: readonly CountedRead[] = options.reads.map((read) => ({
    ...read,
    scope: requiredScope('GET', read.route),
    series: metrics.series('GET', read.route, 200),
  }));
  const ordinary = app.fetch;
  app.fetch = (request, env, context) => {
    // What is logged goes the way that logs.
    if (request.method !== 'GET' || logger.isLevelEnabled('debug')) return ordinary(request, env, context);
    const asked = new Asked(request, env);
    const read = readOf(asked, reads);
    if (read === null) return ordinary(request, env, context);
    const principal = principalOf(asked, ring);
    if (principal === null || !principal.scopes.has(read.scope)) return ordinary(request, env, context);
    const text = textOf(read, asked, principal.protocol);
    if (text === null) return ordinary(request, env, context);

    if (rateLimiter === null) return answered(asked, text, null, read.series);
    const decision = rateLimiter.take(principal.protocol, 1);
    if (!(decision instanceof Promise)) {
      if (decision.allowed) return answered(asked, text, decision, read.series);
      countedAlready(request, decision);
      return ordinary(request, env, context);
    }
    const answer = (decided: RateDecision) => {
      if (decided.allowed) return answered(asked, text, decided, read.series);
      countedAlready(request, decided);
      return ordinary(request, env, context);
    };
    return decision.then(answer);
  };
}

/** The read that is asked for; null for all that is to be looked at more closely. */
function readOf(asked: Asked, reads: readonly CountedRead[]): CountedRead | null {
  const { target } = asked;
  for (const read of reads) {
    if (!target.startsWith(read.prefix) || !target.endsWith(read.suffix)) continue;
    // Who says no-cache wants an answer formed for this request; and some ask for a table.
    const plain = asked.header('cache-control') == null && !asksOtherwise(asked.header('accept'));
    return plain && read.id.test(idOf(read, target)) ? read : null;
  }
  return null;
}

function textOf(read: DirectRead, { target }: Asked, protocol: string): string | null {
  try {
    return read.text(protocol, idOf(read, target));
  } catch {
    // Whatever it was, it happens again on the ordinary way and is told there.
    return null;
  }
}

function idOf({ prefix, suffix }: DirectRead, target: string): string {
  return target.slice(prefix.length, target.length - suffix.length);
}

const JSON_ACCEPTED = /^(?:\*\/\*|application\/json)$/;

/** The ordinary way weighs whatever else a caller would like. */
function asksOtherwise(accept: string | null | undefined): boolean {
  return accept != null && !JSON_ACCEPTED.test(accept);
}
