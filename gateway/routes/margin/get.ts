import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { accountParams } from '../../schemas/account.ts';
import { marginDto, marginSchema } from '../../schemas/margin.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/margin',
  middleware: noQuery,
  operationId: 'getMargin',
  tags: ['margin'],
  summary: 'Equity, requirements and status of an account at the prices of now',
  request: { params: accountParams },
  responses: {
    200: { description: 'The margin.', content: { 'application/json': { schema: marginSchema } } },
    ...problems(404, 503),
  },
});

export function getMargin(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const answer = await ports.margin.calculate(c.get('protocol'), c.req.valid('param').id);
    return c.json(marginDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
