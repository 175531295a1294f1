import { createRoute } from '@hono/zod-openapi';
import { BreakwaterError, type FieldIssue } from '../../../risk/errors.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { problemOf, problemStatus } from '../../app/problem.ts';
import { type BatchItemDto, batchBody, batchResultSchema } from '../../schemas/batch.ts';
import { portfolioOf } from '../../schemas/positions.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { listingIssues } from './listed.ts';
import { storedDto } from './put.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/accounts/positions/batch',
    operationId: 'putPositionsBatch',
    tags: ['accounts'],
    summary: 'Replace the books of many accounts',
    description:
      'Nothing is stored unless every update is well formed. Then each account stands for itself: one that is ' +
      'refused (an older sequence number) has its problem in its place and does not keep the others from being ' +
      'stored. Sent again, it changes nothing twice.',
    request: { body: { required: true, content: { 'application/json': { schema: batchBody } } } },
    responses: {
      200: {
        description: 'One result per update, in the order sent.',
        content: { 'application/json': { schema: batchResultSchema } },
      },
      ...problems(503, ...BODY_PROBLEMS),
    },
  });
}

export function putPositionsBatch(app: GatewayApp, { ports, maxBodyBytes }: RouteContext): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const updates = c.req.valid('json').updates.map(({ accountId, sequence, ...book }) => ({
      sequence,
      portfolio: portfolioOf(accountId, book),
    }));
    const issues: FieldIssue[] = updates.flatMap(({ portfolio }, index) =>
      listingIssues(portfolio, ports).map(({ field, message }) => ({
        field: `updates[${index}].${field}`,
        message,
      })),
    );
    if (issues.length > 0) throw new InvalidRequestError(issues);
    const results: BatchItemDto[] = [];
    for (const { sequence, portfolio } of updates) {
      const { accountId } = portfolio;
      try {
        const stored = await ports.accounts.putPositions({
          protocol: c.get('protocol'),
          accountId,
          sequence: BigInt(sequence),
          portfolio,
          idempotencyKey: null,
        });
        results.push({ accountId, stored: storedDto(portfolio, stored), problem: null });
      } catch (error) {
        // A conflict is the account's own; when the storage is away the caller sends the whole batch again.
        if (!(error instanceof BreakwaterError) || problemStatus(error) >= 500) throw error;
        const { details, ...problem } = problemOf(error, c.req.path, c.get('requestId'));
        const plain = { ...problem, errors: [...problem.errors] };
        results.push({
          accountId,
          stored: null,
          problem: details === undefined ? plain : { ...plain, details: { ...details } },
        });
      }
    }
    return c.json({ results }, 200);
  });
}
