import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { marketListDto, marketListSchema } from '../../schemas/market.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/markets',
  middleware: noQuery,
  operationId: 'listMarkets',
  tags: ['markets'],
  summary: 'What may be held: perps, collateral, and the options that the protocol lists by its surfaces',
  responses: {
    200: { description: 'The markets.', content: { 'application/json': { schema: marketListSchema } } },
    ...problems(),
  },
});

export function listMarkets(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => {
    const pushed = (market: string) => ports.venueData.get(c.get('protocol'), market);
    return c.json(marketListDto(ports.listing, pushed, ports.clock.nowMs()), 200);
  });
}
