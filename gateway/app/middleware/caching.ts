import type { MiddlewareHandler } from 'hono';
import { etag } from 'hono/etag';
import type { GatewayEnv } from '../context.ts';

/** Risk answers age within seconds: no cache may keep one. */
export const NOT_STORED = 'no-store';

export const notStored: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  c.header('Cache-Control', NOT_STORED);
  await next();
};

const tagged = etag({ retainedHeaders: ['cache-control', 'etag', 'vary', 'x-request-id'] });

/** Slow-moving reads: the caller keeps them and asks whether they changed. */
export const revalidated: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  c.header('Cache-Control', 'private, no-cache');
  c.header('Vary', 'Authorization');
  return tagged(c, next);
};
