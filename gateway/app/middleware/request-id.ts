import { randomUUID } from 'node:crypto';
import type { MiddlewareHandler } from 'hono';
import { requestId } from 'hono/request-id';
import { withCause } from '../../../db/cause.ts';
import type { GatewayEnv } from '../context.ts';

const MAX_LENGTH = 128;

/** The caller's id when it has the form that `hono/request-id` takes, else a new one. */
export function requestIdOf(given: string | undefined): string {
  return given && given.length <= MAX_LENGTH && !/[^\w\-=]/.test(given) ? given : randomUUID();
}

/** Gives every request an id, which answers and logs name. */
export const withRequestId = requestId({ limitLength: MAX_LENGTH });

/** What a request causes, in this process and in others, names it: log lines, effects, jobs. */
export const asCause: MiddlewareHandler<GatewayEnv> = (c, next) => withCause(c.get('requestId'), next);
