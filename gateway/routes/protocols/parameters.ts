import { createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { marketId, parametersDto, parametersSchema } from '../../schemas/governance.ts';
import { momentInput, pastMoment } from '../../schemas/moment.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/parameters/{market}',
  operationId: 'getParameters',
  tags: ['governance'],
  summary: 'Parameters of a market in force, now or at a past time',
  request: {
    params: z.strictObject({ market: marketId.openapi({ param: { name: 'market', in: 'path' } }) }),
    query: z.strictObject({
      at: momentInput.optional().openapi({ description: 'Market time, not ahead of now.' }),
    }),
  },
  responses: {
    200: { description: 'The parameters.', content: { 'application/json': { schema: parametersSchema } } },
    ...problems(404, 409, 503),
  },
});

export function getParameters(app: GatewayApp, governance: GovernancePort, clock: Clock): void {
  app.openapi(route, async (c) => {
    const { at } = c.req.valid('query');
    const nowMs = clock.nowMs();
    const atMs = at === undefined ? null : pastMoment(at, nowMs);
    const view = await governance.parameters(c.get('protocol'), c.req.valid('param').market, atMs);
    return c.json(parametersDto(view, atMs ?? nowMs), 200);
  });
}
