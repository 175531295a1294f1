import type { MiddlewareHandler } from 'hono';
import type { GatewayEnv } from '../context.ts';

/**
 * Answers are data: no page may frame them, run them, guess their type or read them from another site.
 * Set before the handler, which may replace them (/docs has a policy of its own); headers that are added to a
 * finished response cost the server its fast path.
 */
const HEADERS: readonly (readonly [string, string])[] = [
  ['Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'"],
  ['X-Content-Type-Options', 'nosniff'],
  ['X-Frame-Options', 'DENY'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];

export const securityHeaders: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  for (const [name, value] of HEADERS) c.header(name, value);
  await next();
};
