import { requiredScope } from '../../auth/scopes.ts';
import type { RateDecision } from '../../limits/rate-limiter.ts';
import type { GatewayApp, NodeEnvironment } from '../context.ts';
import { JSON_TYPE } from '../middleware/json-body.ts';
import { countedAlready } from '../middleware/rate-limit.ts';
import { Asked, answered, principalOf, type ShortWayOptions } from './short-way.ts';

/** A computation that a body asks for and that stores nothing: this path, and no query. */
export interface DirectPost {
  readonly path: string;
  readonly maxBodyBytes: number;
  /** JSON of the answer, formed at once; null, or whatever is thrown, sends the request the ordinary way. */
  text(protocol: string, body: string): string | null;
}

export interface DirectPostsOptions extends ShortWayOptions {
  readonly posts: readonly DirectPost[];
}

/**
 * The short way for computations: known key, sufficient scope, quota not used up, a JSON body of announced size. It is
 * counted against the quota before its body is read, as on the ordinary way, and once: what turns out to need the
 * ordinary way goes there with its body and that decision.
 */
export function answerPostsDirectly(app: GatewayApp, options: DirectPostsOptions): void {
  const { rateLimiter, metrics, logger, ring } = options;
  const posts = options.posts.map((post) => ({
    ...post,
    scope: requiredScope('POST', post.path),
    series: metrics.series('POST', post.path, 200),
  }));
  const ordinary = app.fetch;
  app.fetch = (request, env, context) => {
    // What is logged goes the way that logs.
    if (request.method !== 'POST' || logger.isLevelEnabled('debug')) return ordinary(request, env, context);
    const asked = new Asked(request, (env as NodeEnvironment)?.incoming);
    const post = posts.find(({ path }) => path === asked.target);
    if (post === undefined) return ordinary(request, env, context);
    if (!isPlainBody(asked, post.maxBodyBytes)) return ordinary(request, env, context);
    const principal = principalOf(asked, ring);
    if (principal === null || !principal.scopes.has(post.scope)) return ordinary(request, env, context);

    const answer = async (decision: RateDecision | null): Promise<Response> => {
      const body = await request.text().catch((error: unknown) => ({ error }));
      const text =
        typeof body === 'string' && decision?.allowed !== false
          ? textOf(post, principal.protocol, body)
          : null;
      if (text === null) {
        const handedOn = withBody(request, body);
        if (decision !== null) countedAlready(handedOn, decision);
        return ordinary(handedOn, env, context);
      }
      return answered(asked, text, decision, post.series);
    };
    if (rateLimiter === null) return answer(null);
    const decision = rateLimiter.take(principal.protocol, 1);
    return decision instanceof Promise ? decision.then(answer) : answer(decision);
  };
}

function textOf(post: DirectPost, protocol: string, body: string): string | null {
  try {
    return post.text(protocol, body);
  } catch {
    // Whatever it was, it happens again on the ordinary way and is told there.
    return null;
  }
}

/** JSON, not compressed, of a length that is announced (Node enforces it) and permitted. */
function isPlainBody(asked: Asked, maxBytes: number): boolean {
  if (!JSON_TYPE.test(asked.header('content-type') ?? '')) return false;
  if (asked.header('content-encoding') != null || asked.header('transfer-encoding') != null) return false;
  const length = asked.header('content-length');
  return length != null && /^\d{1,15}$/.test(length) && Number(length) <= maxBytes;
}

/** The request once more, with what was read of it already: its body, or the fault that ended it. */
function withBody(request: Request, body: string | { readonly error: unknown }): Request {
  const failed = typeof body !== 'string';
  return new Request(request.url, {
    method: request.method,
    headers: [...request.headers],
    // Reading took one byte order mark away. A second is no JSON, and would be taken too: another blank that is none stands for it.
    body: failed ? failing(body.error) : body.replace(/^\ufeff/, '\u00a0'),
    ...(failed ? { duplex: 'half' } : {}),
  });
}

function failing(error: unknown): ReadableStream {
  return new ReadableStream({ start: (controller) => controller.error(error) });
}
