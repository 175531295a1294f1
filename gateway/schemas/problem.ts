import { z } from '@hono/zod-openapi';

export const problemSchema = z
  .object({
    type: z.string().openapi({
      description: 'URI reference of the page that explains the type.',
      example: '/errors/invalid-input',
    }),
    title: z.string().openapi({ example: 'Invalid input' }),
    status: z.int().min(400).max(599).openapi({ example: 400 }),
    detail: z.string().openapi({ example: 'positions[0].size: must be a decimal string' }),
    instance: z.string().openapi({ description: 'Path that was asked.' }),
    requestId: z.string().openapi({ description: 'Quote it when you report a problem.' }),
    errors: z.array(z.object({ field: z.string(), message: z.string() })),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Problem', { description: 'Problem details, RFC 9457.' });

type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 503;

const DESCRIPTIONS: Readonly<Record<ErrorStatus, string>> = {
  400: 'The request does not fit its schema; `errors` names every wrong field.',
  401: 'No API key, or a wrong one.',
  403: 'Not allowed.',
  404: 'No such thing (or not one of yours).',
  405: 'Method not served here.',
  409: 'Conflicts with what is stored.',
  413: 'Body too large.',
  415: 'Body is not application/json.',
  422: 'Understood, but it cannot be processed; `errors` names the fields.',
  429: 'Too many requests.',
  500: 'A failure of ours.',
  503: 'Temporarily unavailable.',
};

const content = { 'application/problem+json': { schema: problemSchema } };
type ProblemResponses<S extends ErrorStatus> = {
  [K in S]: { description: string; content: typeof content };
};

/** Problem responses for a route: its own statuses and those that every route of /v1 can give. */
export function problems<S extends ErrorStatus = never>(
  ...own: S[]
): ProblemResponses<S | 400 | 401 | 403 | 429 | 500 | 503> {
  const statuses = new Set<ErrorStatus>([400, 401, 403, ...own, 429, 500, 503]);
  return Object.fromEntries(
    [...statuses].map((status) => [status, { description: DESCRIPTIONS[status], content }]),
  ) as ProblemResponses<S | 400 | 401 | 403 | 429 | 500 | 503>;
}

/** Extra statuses of routes that read a body. */
export const BODY_PROBLEMS = [413, 415, 422] as const;
