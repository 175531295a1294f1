import { requiredScope, type Scope } from '../../auth/scopes.ts';
import { isImmediate, type RateDecision } from '../../limits/rate-limiter.ts';
import type { GatewayApp, NodeEnvironment } from '../context.ts';
import type { RequestSeries } from '../metrics.ts';
import { countedAlready } from '../middleware/rate-limit.ts';
import { Asked, answered, answeredNow, isRepeated, principalOf, type ShortWayOptions } from './short-way.ts';

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

/** An answer that is ready, for whom the key belongs to. */
interface Found {
  readonly protocol: string;
  readonly text: string;
  readonly series: RequestSeries;
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
  const found = (asked: Asked): Found | null => {
    const read = readOf(asked, reads);
    if (read === null) return null;
    const principal = principalOf(asked, ring);
    if (principal === null || !principal.scopes.has(read.scope)) return null;
    const text = textOf(read, asked, principal.protocol);
    return text === null ? null : { protocol: principal.protocol, text, series: read.series };
  };
  // What is logged goes the way that logs.
  const isRead = (method: string | undefined) => method === 'GET' && !logger.isLevelEnabled('debug');

  if (rateLimiter === null || isImmediate(rateLimiter)) {
    app.answerNow = (incoming, outgoing) => {
      if (!isRead(incoming.method) || isRepeated(incoming)) return false;
      const asked = new Asked(null, incoming);
      const answer = found(asked);
      if (answer === null) return false;
      const decision = rateLimiter === null ? null : rateLimiter.take(answer.protocol, 1);
      if (decision?.allowed === false) {
        countedAlready(incoming, decision);
        return false;
      }
      answeredNow(outgoing, asked, answer.text, decision, answer.series);
      return true;
    };
  }

  const ordinary = app.fetch;
  app.fetch = (request, env, context) => {
    const incoming = (env as NodeEnvironment)?.incoming;
    // What Node received and could be answered now has been looked at.
    const seen = incoming !== undefined && app.answerNow !== undefined;
    if (seen || !isRead(request.method)) return ordinary(request, env, context);
    const asked = new Asked(request, incoming);
    const hit = found(asked);
    if (hit === null) return ordinary(request, env, context);
    const answer = (decision: RateDecision | null) => {
      if (decision === null || decision.allowed) {
        return answered(asked, hit.text, decision, hit.series);
      }
      countedAlready(request, decision);
      return ordinary(request, env, context);
    };
    if (rateLimiter === null) return answer(null);
    const decision = rateLimiter.take(hit.protocol, 1);
    return decision instanceof Promise ? decision.then(answer) : answer(decision);
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
