import { createRoute, z } from '@hono/zod-openapi';
import type { Clock } from '../../../risk/units/time.ts';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { UnknownProtocolError } from '../../governance/errors.ts';
import type { GovernancePort } from '../../governance/port.ts';
import { identifier } from '../../schemas/common.ts';
import { marketListDto, marketListSchema } from '../../schemas/governance.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/protocols/{protocol}/markets',
  middleware: noQuery,
  operationId: 'listProtocolMarkets',
  tags: ['governance'],
  summary: 'Markets of the protocol with the module version and parameters that margin them',
  request: {
    params: z.strictObject({
      protocol: identifier.openapi({ param: { name: 'protocol', in: 'path' }, example: 'local' }),
    }),
  },
  responses: {
    200: { description: 'All markets.', content: { 'application/json': { schema: marketListSchema } } },
    ...problems(404, 503),
  },
});

export function listMarkets(app: GatewayApp, governance: GovernancePort, clock: Clock): void {
  app.openapi(route, async (c) => {
    const { protocol } = c.req.valid('param');
    if (protocol !== c.get('protocol')) throw new UnknownProtocolError(protocol);
    const found = await governance.markets(protocol);
    return c.json(marketListDto(protocol, clock.nowMs(), found), 200);
  });
}
