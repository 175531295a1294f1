import type { MiddlewareHandler } from 'hono';
import { type ApiKey, LOCAL_PROTOCOL, protocolOfKey } from '../../auth/keys.ts';
import type { GatewayEnv } from '../context.ts';
import { UnauthorizedError } from '../http-errors.ts';

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/** Key of an Authorization header. @throws UnauthorizedError */
export function bearerToken(header: string | undefined): string {
  if (header === undefined) throw new UnauthorizedError('send an API key: Authorization: Bearer <key>');
  const match = BEARER.exec(header);
  if (!match) throw new UnauthorizedError('the Authorization header must be: Bearer <key>');
  return match[1]!;
}

/** Turns the API key into the protocol that the request acts for; without configured keys it is `local`. */
export function authenticate(keys: readonly ApiKey[]): MiddlewareHandler<GatewayEnv> {
  if (keys.length === 0) {
    return async (c, next) => {
      c.set('protocol', LOCAL_PROTOCOL);
      await next();
    };
  }
  return async (c, next) => {
    const protocol = protocolOfKey(bearerToken(c.req.header('Authorization')), keys);
    if (protocol === null) throw new UnauthorizedError('this API key is not known');
    c.set('protocol', protocol);
    await next();
  };
}
