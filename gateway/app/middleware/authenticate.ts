import type { MiddlewareHandler } from 'hono';
import { BreakwaterError } from '../../../risk/errors.ts';
import type { KeyRing } from '../../auth/key-ring.ts';
import { LOCAL_PROTOCOL } from '../../auth/keys.ts';
import { ALL_SCOPES, requiredScope } from '../../auth/scopes.ts';
import type { GatewayEnv } from '../context.ts';
import { MissingScopeError, UnauthorizedError } from '../http-errors.ts';

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;

/** Key of an Authorization header. @throws UnauthorizedError */
export function bearerToken(header: string | undefined): string {
  if (header === undefined) throw new UnauthorizedError('send an API key: Authorization: Bearer <key>');
  const match = BEARER.exec(header);
  if (!match) throw new UnauthorizedError('the Authorization header must be: Bearer <key>');
  return match[1]!;
}

/**
 * Turns the API key into the protocol that the request acts for and what it may do there; while no keys are asked for
 * it is `local`, which may do everything.
 */
export function authenticate(ring: KeyRing): MiddlewareHandler<GatewayEnv> {
  return async (c, next) => {
    if (ring.required()) {
      const key = bearerToken(c.req.header('Authorization'));
      const principal = ring.find(key);
      if (principal === null) throw new UnauthorizedError('this API key is not known');
      const scope = requiredScope(c.req.method, c.req.path);
      if (!principal.scopes.has(scope)) throw new MissingScopeError(scope);
      c.set('protocol', principal.protocol);
      c.set('actor', principal.actor);
      c.set('scopes', principal.scopes);
      c.set('stillAllowed', () => isKnown(ring, key));
    } else {
      c.set('protocol', LOCAL_PROTOCOL);
      c.set('actor', 'local');
      c.set('scopes', ALL_SCOPES);
      c.set('stillAllowed', () => !ring.required());
    }
    await next();
  };
}

/** False also while the ring cannot tell: then nobody is let in either. */
function isKnown(ring: KeyRing, key: string): boolean {
  try {
    return ring.find(key) !== null;
  } catch (error) {
    if (error instanceof BreakwaterError) return false;
    throw error;
  }
}
