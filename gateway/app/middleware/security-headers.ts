import type { MiddlewareHandler } from 'hono';
import type { GatewayEnv } from '../context.ts';

/**
 * Answers are data: no page may frame them, run them, guess their type or read them from another site.
 * Set before the handler, which may replace them (/docs has a policy of its own); headers that are added to a
 * finished response cost the server its fast path.
 */
export const SECURITY_HEADERS = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
} as const;

const LIST = Object.entries(SECURITY_HEADERS);

export const securityHeaders: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  for (const [name, value] of LIST) c.header(name, value);
  await next();
};
