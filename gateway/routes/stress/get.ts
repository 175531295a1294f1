import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { accountParams } from '../../schemas/account.ts';
import { moduleOf, moduleOnlyQuery } from '../../schemas/module-choice.ts';
import { problems } from '../../schemas/problem.ts';
import { stressDto, stressSchema } from '../../schemas/stress.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/stress',
  operationId: 'getStress',
  tags: ['analysis'],
  summary:
    'The account in past crashes, on a grid of moves, without liquidity or a chain; the smallest move that breaks it',
  request: { params: accountParams, query: moduleOnlyQuery },
  responses: {
    200: { description: 'The outcomes.', content: { 'application/json': { schema: stressSchema } } },
    ...problems(404, 422, 503),
  },
});

export function getStress(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const answer = await ports.analysis.stress(
      c.get('protocol'),
      c.req.valid('param').id,
      moduleOf(c.req.valid('query')),
    );
    return c.json(stressDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
