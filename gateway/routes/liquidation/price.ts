import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { accountParams } from '../../schemas/account.ts';
import { liquidationPriceDto, liquidationPriceSchema } from '../../schemas/liquidation-price.ts';
import { moduleOf, moduleOnlyQuery } from '../../schemas/module-choice.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/liquidation-price',
  operationId: 'getLiquidationPrice',
  tags: ['analysis'],
  summary: 'Prices at which net maintenance reaches zero, per asset and along the beta',
  request: { params: accountParams, query: moduleOnlyQuery },
  responses: {
    200: {
      description: 'The prices.',
      content: { 'application/json': { schema: liquidationPriceSchema } },
    },
    ...problems(404, 422, 503),
  },
});

export function getLiquidationPrice(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const answer = await ports.analysis.liquidationPrice(
      c.get('protocol'),
      c.req.valid('param').id,
      moduleOf(c.req.valid('query')),
    );
    return c.json(liquidationPriceDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
