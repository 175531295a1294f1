import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { NoVenueDataError } from '../../app/errors.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { marketParams } from '../../schemas/market.ts';
import { problems } from '../../schemas/problem.ts';
import { venueDataDto, venueDataSchema } from '../../schemas/stored-venue-data.ts';
import { requireMarket } from './require-market.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/markets/{market}/data',
  middleware: noQuery,
  operationId: 'getMarketData',
  tags: ['markets'],
  summary: 'What the protocol pushed last about a market, and whether it still counts',
  request: { params: marketParams },
  responses: {
    200: { description: 'The data.', content: { 'application/json': { schema: venueDataSchema } } },
    ...problems(404),
  },
});

export function getMarketData(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => {
    const { market } = c.req.valid('param');
    requireMarket(ports, market);
    const entry = ports.venueData.get(c.get('protocol'), market);
    if (entry === null) throw new NoVenueDataError(market);
    return c.json(venueDataDto(entry, ports.clock.nowMs()), 200);
  });
}
