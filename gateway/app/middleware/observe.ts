import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { Logger } from 'pino';
import type { GatewayEnv } from '../context.ts';
import type { Metrics } from '../metrics.ts';

/** Counts and logs every answer: reads that went well at debug, the rest at info, ours at error. */
export function observe(metrics: Metrics, logger: Logger): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const started = performance.now();
    await next();
    const seconds = (performance.now() - started) / 1000;
    const { status } = c.res;
    const { method } = c.req;
    // The last match is the handler; '*' alone means that only middleware matched.
    const pattern = matchedRoutes(c).at(-1)?.path ?? '*';
    const route = pattern.endsWith('*') ? 'none' : pattern;
    metrics.observeRequest(method, route, status, seconds);
    const quiet = status < 400 && (method === 'GET' || method === 'HEAD');
    logger[status >= 500 ? 'error' : quiet ? 'debug' : 'info'](
      {
        requestId: c.get('requestId'),
        method,
        path: c.req.path.slice(0, 256),
        status,
        milliseconds: Math.round(seconds * 1e6) / 1e3,
        protocol: c.get('protocol'),
      },
      'request',
    );
  };
}
