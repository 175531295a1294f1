import type { MiddlewareHandler } from 'hono';
import { isLoopback } from '../../config/loopback.ts';
import type { GatewayEnv } from '../context.ts';
import { ForbiddenHostError } from '../http-errors.ts';

/**
 * Without API keys a page in a browser on this machine must not reach us under a name of its own (DNS
 * rebinding), so the Host header has to be a loopback name.
 */
export const localHostOnly: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  const host = c.req.header('Host');
  if (host !== undefined && !isLoopback(host.replace(/:\d*$/, ''))) throw new ForbiddenHostError();
  await next();
};
