import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Logger } from 'pino';
import { BreakwaterError } from '../../risk/errors.ts';
import { MalformedJsonError } from '../json/errors.ts';
import type { GatewayEnv } from './context.ts';
import { MomentNotSettledError } from './errors.ts';
import { HttpError, UnsupportedMediaTypeError } from './http-errors.ts';
import { internalProblem, type Problem, problemOf } from './problem.ts';

/** Every failure becomes a problem; what nobody foresaw becomes a 500 that says nothing and is logged. */
export function errorHandler(logger: Logger) {
  return (error: Error, c: Context<GatewayEnv>): Response => {
    const requestId = c.get('requestId') ?? '';
    const instance = c.req.path.slice(0, 512);
    const typed = typedError(error);
    const problem =
      typed === null ? internalProblem(instance, requestId) : problemOf(typed, instance, requestId);
    if (problem.status >= 500) logger.error({ err: error, requestId, path: instance }, 'request failed');
    return problemResponse(c, problem, headersOf(typed));
  };
}

function headersOf(error: BreakwaterError | null): Readonly<Record<string, string>> {
  if (error instanceof HttpError) return error.headers;
  return error instanceof MomentNotSettledError ? { 'Retry-After': String(error.retryAfterSeconds) } : {};
}

export function problemResponse(
  c: Context<GatewayEnv>,
  problem: Problem,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return c.body(JSON.stringify(problem), problem.status as 400, {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...(problem.status === 503 ? { 'Retry-After': '1' } : {}),
    ...headers,
  });
}

/** hono raises its own exceptions for bodies; everything else that is not ours is unforeseen. */
function typedError(error: Error): BreakwaterError | null {
  if (error instanceof BreakwaterError) return error;
  if (error instanceof HTTPException && error.status === 415) return new UnsupportedMediaTypeError();
  if (error instanceof HTTPException && error.status === 400) {
    return new MalformedJsonError('body', 'is not JSON');
  }
  return null;
}
