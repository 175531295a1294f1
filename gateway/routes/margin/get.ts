import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { accountParams } from '../../schemas/account.ts';
import { marginDto, marginSchema } from '../../schemas/margin.ts';
import { moduleOf, moduleOnlyQuery } from '../../schemas/module-choice.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/margin',
  operationId: 'getMargin',
  tags: ['margin'],
  summary: 'Equity, requirements and status of an account at the prices of now',
  request: { params: accountParams, query: moduleOnlyQuery },
  responses: {
    200: { description: 'The margin.', content: { 'application/json': { schema: marginSchema } } },
    ...problems(404, 422, 503),
  },
});

export function getMargin(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const module = moduleOf(c.req.valid('query'));
    const answer = await ports.margin.calculate(c.get('protocol'), c.req.valid('param').id, module);
    return c.json(marginDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
