import { createRoute } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import { UnknownMarketError } from '../../app/errors.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { parametersListDto, parametersListSchema } from '../../schemas/governance.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/parameters',
  middleware: noQuery,
  operationId: 'listParameters',
  tags: ['governance'],
  summary: 'Parameters in force, what is announced, and the rates of every market with their forecast buffer',
  responses: {
    200: { description: 'All markets.', content: { 'application/json': { schema: parametersListSchema } } },
    ...problems(404, 503),
  },
});

export function listParameters(app: GatewayApp, governance: GovernancePort, clock: Clock): void {
  app.openapi(route, async (c) => {
    const nowMs = clock.nowMs();
    const protocol = c.get('protocol');
    const [first, ...rest] = await governance.allParameters(protocol);
    if (first === undefined) throw new UnknownMarketError('any');
    return c.json(parametersListDto(protocol, [first, ...rest], nowMs), 200);
  });
}
