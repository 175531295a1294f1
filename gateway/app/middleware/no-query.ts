import type { MiddlewareHandler } from 'hono';
import type { GatewayEnv } from '../context.ts';
import { InvalidRequestError } from '../errors.ts';

/** For resources without parameters: one that is sent nevertheless would be without effect, so it is refused. */
export const noQuery: MiddlewareHandler<GatewayEnv> = async (c, next) => {
  if (c.req.url.includes('?')) {
    const names = Object.keys(c.req.queries());
    if (names.length > 0) {
      throw new InvalidRequestError(
        names.map((field) => ({ field, message: 'is not a parameter of this resource' })),
      );
    }
  }
  await next();
};
