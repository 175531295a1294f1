import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { accountParams, putResultSchema } from '../../schemas/account.ts';
import { problems } from '../../schemas/problem.ts';
import { storedDto } from './put.ts';

const RULE = 'must be an integer from 0 to 2^53-1';

const route = createRoute({
  method: 'delete',
  path: '/v1/accounts/{id}/positions',
  operationId: 'deletePositions',
  tags: ['accounts'],
  summary: 'Close an account: no positions and no cash',
  description:
    'The sequence number stays, so that an update that was overtaken does not bring the book back.',
  request: {
    params: accountParams,
    query: z.strictObject({
      sequence: z
        .string()
        .regex(/^(0|[1-9]\d{0,15})$/, RULE)
        .openapi({ description: 'Greater than that of the last update.', example: '2' }),
    }),
  },
  responses: {
    200: { description: 'Closed.', content: { 'application/json': { schema: putResultSchema } } },
    ...problems(404, 409, 503),
  },
});

export function deletePositions(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { id: accountId } = c.req.valid('param');
    const sequence = Number(c.req.valid('query').sequence);
    if (!Number.isSafeInteger(sequence))
      throw new InvalidRequestError([{ field: 'sequence', message: RULE }]);
    const protocol = c.get('protocol');
    await ports.accounts.get(protocol, accountId);
    const portfolio = { accountId, cashWad: 0n, positions: [] };
    const stored = await ports.accounts.putPositions({
      protocol,
      accountId,
      sequence: BigInt(sequence),
      portfolio,
      idempotencyKey: null,
    });
    return c.json(storedDto(portfolio, stored), 200);
  });
}
