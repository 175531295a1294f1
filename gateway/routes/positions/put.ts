import { createRoute, z } from '@hono/zod-openapi';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { PutPositionsResult } from '../../app/ports.ts';
import { accountParams, putResultSchema } from '../../schemas/account.ts';
import { iso } from '../../schemas/common.ts';
import { portfolioOf, putPositionsBody } from '../../schemas/positions.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { requireListed } from './listed.ts';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'put',
    path: '/v1/accounts/{id}/positions',
    operationId: 'putPositions',
    tags: ['accounts'],
    summary: "Replace an account's whole book",
    description:
      'The sequence number must grow with every update: an older update never overwrites a newer one. The same ' +
      'update sent again is answered with `replayed: true` and changes nothing.',
    request: {
      params: accountParams,
      headers: z.object({
        'idempotency-key': z
          .string()
          .optional()
          .openapi({ description: '1 to 255 visible ASCII characters; makes a retry safe.' }),
      }),
      body: { required: true, content: { 'application/json': { schema: putPositionsBody } } },
    },
    responses: {
      200: { description: 'Stored.', content: { 'application/json': { schema: putResultSchema } } },
      ...problems(409, ...BODY_PROBLEMS),
    },
  });
}

export function putPositions(app: GatewayApp, { ports, maxBodyBytes }: RouteContext): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const { id: accountId } = c.req.valid('param');
    const idempotencyKey = c.req.valid('header')['idempotency-key'] ?? null;
    if (idempotencyKey !== null && !IDEMPOTENCY_KEY.test(idempotencyKey)) {
      throw new InvalidRequestError([
        { field: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' },
      ]);
    }
    const { sequence, ...book } = c.req.valid('json');
    const portfolio = portfolioOf(accountId, book);
    requireListed(portfolio, ports);
    const stored = await ports.accounts.putPositions({
      protocol: c.get('protocol'),
      accountId,
      sequence: BigInt(sequence),
      portfolio,
      idempotencyKey,
    });
    return c.json(storedDto(portfolio, stored), 200);
  });
}

/** The acknowledgement of a stored book. */
export function storedDto(
  portfolio: AnyPortfolio,
  stored: PutPositionsResult,
): z.infer<typeof putResultSchema> {
  return {
    accountId: portfolio.accountId,
    sequence: Number(stored.sequence),
    replayed: stored.replayed,
    positionCount: portfolio.positions.length,
    updatedAt: iso(stored.acceptedAtMs),
  };
}
