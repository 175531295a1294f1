import type { MiddlewareHandler } from 'hono';
import type { KeyRing } from '../../auth/key-ring.ts';
import { isLoopback } from '../../config/loopback.ts';
import type { GatewayEnv } from '../context.ts';
import { ForbiddenHostError } from '../http-errors.ts';

/**
 * Without API keys a page in a browser on this machine must not reach us under a name of its own (DNS
 * rebinding), so the Host header has to be a loopback name.
 */
export function localHostOnly(ring: KeyRing): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    const host = c.req.header('Host');
    const foreign = host !== undefined && !isLoopback(host.replace(/:\d*$/, ''));
    if (foreign && !ring.required()) throw new ForbiddenHostError();
    await next();
  };
}
