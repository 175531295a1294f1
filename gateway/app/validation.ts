import type { z } from '@hono/zod-openapi';
import type { FieldIssue } from '../../risk/errors.ts';
import { fieldPath } from '../json/path.ts';
import { InvalidRequestError } from './errors.ts';

type ZodIssue = z.core.$ZodIssue;
/** Where hono took the checked value from. */
type Target = 'json' | 'query' | 'param' | 'header' | 'form' | 'cookie';

const WHOLE: Readonly<Record<Target, string>> = {
  json: 'body',
  query: 'query',
  param: 'path',
  header: 'headers',
  form: 'body',
  cookie: 'cookies',
};

/** One issue per wrong field; an object with several unknown fields names each of them. */
export function fieldIssues(issues: readonly ZodIssue[], target: Target): FieldIssue[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        field: fieldPath([...issue.path, key]),
        message: target === 'query' ? 'is not a parameter of this resource' : 'is not a known field',
      }));
    }
    return [{ field: fieldPath(issue.path) || WHOLE[target], message: wordsOf(issue, target) }];
  });
}

/** What is wrong, in words of the interface where the library would speak of its types. */
function wordsOf(issue: ZodIssue, target: Target): string {
  const { code, message } = issue;
  if (code === 'invalid_type' && message.endsWith('received undefined')) return 'is required';
  if (code === 'invalid_type' && target === 'query' && message.endsWith('received array')) {
    return 'must be given once';
  }
  if (code === 'too_small' && issue.origin === 'string' && message.startsWith('Too small')) {
    return issue.minimum === 1 ? 'must not be empty' : `must have at least ${issue.minimum} characters`;
  }
  if (code === 'too_big' && issue.origin === 'string' && message.startsWith('Too big')) {
    return `must have at most ${issue.maximum} characters`;
  }
  return message;
}

/** Default hook of every route: a request that does not fit its schema is refused before any work. */
export function refuseInvalid(
  result: { target: string } & ({ success: true } | { success: false; error: z.ZodError }),
): void {
  if (!result.success) {
    throw new InvalidRequestError(fieldIssues(result.error.issues, result.target as Target));
  }
}
