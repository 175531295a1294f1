import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { accountParams } from '../../schemas/account.ts';
import { problems } from '../../schemas/problem.ts';
import { stressDto, stressSchema } from '../../schemas/stress.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/stress',
  middleware: noQuery,
  operationId: 'getStress',
  tags: ['analysis'],
  summary:
    'The account in past crashes, on a grid of moves, without liquidity or a chain; the smallest move that breaks it',
  request: { params: accountParams },
  responses: {
    200: { description: 'The outcomes.', content: { 'application/json': { schema: stressSchema } } },
    ...problems(404, 422, 503),
  },
});

export function getStress(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const answer = await ports.analysis.stress(c.get('protocol'), c.req.valid('param').id);
    return c.json(stressDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
