import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import type { DirectRead } from '../../app/direct/direct-reads.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { GatewayPorts } from '../../app/ports.ts';
import { FEED_ID, feedIdInput } from '../../schemas/common.ts';
import { priceSchema } from '../../schemas/price.ts';
import { priceText } from '../../schemas/price-text.ts';
import { problems } from '../../schemas/problem.ts';

export const priceParams = z.strictObject({
  id: feedIdInput.openapi({ param: { name: 'id', in: 'path' } }),
});

const JSON_TYPE = { 'Content-Type': 'application/json' };

const route = createRoute({
  method: 'get',
  path: '/v1/prices/{id}',
  middleware: noQuery,
  operationId: 'getPrice',
  tags: ['prices'],
  summary: 'One robust price with its verdicts',
  request: { params: priceParams },
  responses: {
    200: { description: 'The price.', content: { 'application/json': { schema: priceSchema } } },
    ...problems(404),
  },
});

export function getPrice(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => {
    // Text already, and of the schema: a test holds it to the data.
    return c.body(textNow(ports, c.req.valid('param').id), 200, JSON_TYPE) as never;
  });
}

/** @throws UnknownFeedError */
function textNow({ prices, clock }: Pick<GatewayPorts, 'prices' | 'clock'>, id: string): string {
  return priceText(prices.get(id), clock.nowMs(), prices.validForMs);
}

/** The same on the short way: a price is in memory, and judged anew at every moment. */
export function priceRead(ports: Pick<GatewayPorts, 'prices' | 'clock'>): DirectRead {
  const text = (_protocol: string, id: string) => textNow(ports, id);
  return { route: route.getRoutingPath(), prefix: '/v1/prices/', suffix: '', id: FEED_ID, text };
}
