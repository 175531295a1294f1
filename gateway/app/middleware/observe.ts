import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Logger } from 'pino';
import type { GatewayEnv } from '../context.ts';
import type { Metrics } from '../metrics.ts';

const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS']);

/** Counts and logs every answer: what went well at debug, refusals at info, failures of ours at error. */
export function observe(metrics: Metrics, logger: Logger): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const started = performance.now();
    await next();
    const seconds = (performance.now() - started) / 1000;
    const { status } = c.res;
    // Invented methods must not make new series.
    const method = METHODS.has(c.req.method) ? c.req.method : 'other';
    // The last match is the handler; a pattern that ends with '*' means that only middleware matched.
    const pattern = matchedRoutes(c).at(-1)?.path ?? '*';
    metrics.observeRequest(method, pattern.endsWith('*') ? 'none' : pattern, status, seconds);
    const level = status >= 500 ? 'error' : status >= 400 ? 'info' : 'debug';
    if (!logger.isLevelEnabled(level)) return;
    logger[level](
      {
        requestId: c.get('requestId'),
        method: c.req.method.slice(0, 16),
        path: c.req.path.slice(0, 256),
        status,
        milliseconds: Math.round(seconds * 1e6) / 1e3,
        protocol: c.get('protocol'),
      },
      'request',
    );
  };
}
