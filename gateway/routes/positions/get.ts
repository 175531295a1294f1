import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { accountDto, accountParams, accountSchema } from '../../schemas/account.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/positions',
  middleware: noQuery,
  operationId: 'getPositions',
  tags: ['accounts'],
  summary: "An account's book as last stored",
  request: { params: accountParams },
  responses: {
    200: { description: 'The book.', content: { 'application/json': { schema: accountSchema } } },
    ...problems(404, 503),
  },
});

export function getPositions(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const account = await ports.accounts.get(c.get('protocol'), c.req.valid('param').id);
    return c.json(accountDto(account), 200);
  });
}
