import { createRoute, z } from '@hono/zod-openapi';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { accountParams } from '../../schemas/account.ts';
import { liquidationPlanDto, liquidationPlanSchema } from '../../schemas/liquidation-plan.ts';
import { moduleOf, moduleQuery } from '../../schemas/module-choice.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/liquidation-plan',
  operationId: 'getLiquidationPlan',
  tags: ['analysis'],
  summary: 'Partial closes that bring net initial margin to the target, and the auction of what they leave',
  request: {
    params: accountParams,
    query: z.strictObject({
      ...moduleQuery,
      target: z
        .string()
        .regex(/^\d{1,30}(\.\d{1,18})?$/, 'must be a plain decimal string, not negative, such as 1000')
        .optional()
        .openapi({ default: '0', description: 'Net initial margin to be reached, in the quote asset.' }),
      costRate: z
        .string()
        .regex(/^0(\.\d{1,18})?$/, 'must be at least 0 and below 1, such as 0.002')
        .optional()
        .openapi({ default: '0.002', description: 'Cost of a close, share of its notional.' }),
    }),
  },
  responses: {
    200: { description: 'The plan.', content: { 'application/json': { schema: liquidationPlanSchema } } },
    ...problems(404, 422, 503),
  },
});

export function getLiquidationPlan(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { target = '0', costRate = '0.002', ...rest } = c.req.valid('query');
    const ask = { targetWad: wadFromDecimal(target, 'target'), costRate: Number(costRate) };
    const answer = await ports.analysis.liquidationPlan(c.get('protocol'), c.req.valid('param').id, {
      ...ask,
      module: moduleOf(rest),
    });
    return c.json(liquidationPlanDto(answer, ask, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
