import type { BreakwaterError, FailureKind, FieldIssue } from '../../risk/errors.ts';
import { withoutAddresses } from '../schemas/redact.ts';
import { HttpError } from './http-errors.ts';
import { problemTitle } from './problem-types.ts';

/** RFC 9457 problem details with our extension members. */
export interface Problem {
  /** URI reference of the docs page, served by the gateway itself: `/errors/<type>`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** The path that was asked. */
  readonly instance: string;
  readonly requestId: string;
  readonly errors: readonly FieldIssue[];
  readonly details?: Readonly<Record<string, unknown>>;
}

const STATUS: Readonly<Record<FailureKind, number>> = {
  'invalid-input': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  unprocessable: 422,
  'rate-limited': 429,
  unavailable: 503,
  internal: 500,
};

/** A book of 10,000 wrong positions does not make a problem of megabytes. */
const MAX_ERRORS = 100;
const INTERNAL_DETAIL = 'the request failed for a reason of ours; quote the request id';

export function problemStatus(error: BreakwaterError): number {
  return error instanceof HttpError ? error.status : STATUS[error.kind];
}

/** The problem for a typed refusal. Internal failures say nothing but the request id. */
export function problemOf(error: BreakwaterError, instance: string, requestId: string): Problem {
  const status = problemStatus(error);
  const base = { status, instance, requestId };
  if (status === 500) return internalProblem(instance, requestId);
  const isServerSide = status >= 500;
  return {
    type: `/errors/${error.type}`,
    title: problemTitle(error.type, error.kind),
    ...base,
    detail: withoutAddresses(error.message),
    errors: isServerSide ? [] : error.issues.slice(0, MAX_ERRORS),
    ...(isServerSide || Object.keys(error.details).length === 0 ? {} : { details: error.details }),
  };
}

export function internalProblem(instance: string, requestId: string): Problem {
  return {
    type: '/errors/internal',
    title: problemTitle('internal', 'internal'),
    status: 500,
    detail: INTERNAL_DETAIL,
    instance,
    requestId,
    errors: [],
  };
}
