import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { InvalidRequestError } from '../../app/errors.ts';
import { accountParams } from '../../schemas/account.ts';
import { moduleOf, moduleQuery } from '../../schemas/module-choice.ts';
import { predictedDto, predictedSchema } from '../../schemas/predicted.ts';
import { problems } from '../../schemas/problem.ts';

const MAX_HOURS = 168;
const HORIZON_RULE = `must be 1h to ${MAX_HOURS}h`;

const route = createRoute({
  method: 'get',
  path: '/v1/accounts/{id}/margin/predicted',
  operationId: 'getPredictedMargin',
  tags: ['margin'],
  summary:
    'Requirements expected ahead under the volatility forecast, and the probability of a breach by then',
  request: {
    params: accountParams,
    query: z.strictObject({
      ...moduleQuery,
      horizon: z
        .string()
        .regex(/^[1-9]\d{0,2}h$/, HORIZON_RULE)
        .optional()
        .openapi({ default: '24h', description: `1h to ${MAX_HOURS}h.` }),
      quantile: z
        .string()
        .regex(/^0\.(?!0+$)\d{1,6}$/, 'must be a probability between 0 and 1, such as 0.95')
        .optional()
        .openapi({ default: '0.95', description: 'Probability of the reported quantiles.' }),
    }),
  },
  responses: {
    200: { description: 'The prediction.', content: { 'application/json': { schema: predictedSchema } } },
    ...problems(404, 422, 503),
  },
});

export function getPredictedMargin(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const { horizon = '24h', quantile = '0.95', ...rest } = c.req.valid('query');
    const horizonHours = Number(horizon.slice(0, -1));
    if (horizonHours > MAX_HOURS) {
      throw new InvalidRequestError([{ field: 'horizon', message: HORIZON_RULE }]);
    }
    const answer = await ports.margin.predicted(c.get('protocol'), c.req.valid('param').id, {
      horizonHours,
      quantile: Number(quantile),
      module: moduleOf(rest),
    });
    return c.json(predictedDto(answer, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
