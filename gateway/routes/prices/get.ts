import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { feedIdInput } from '../../schemas/common.ts';
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
    const price = ports.prices.get(c.req.valid('param').id);
    const text = priceText(price, ports.clock.nowMs(), ports.prices.validForMs);
    // Text already, and of the schema: a test holds it to the data.
    return c.body(text, 200, JSON_TYPE) as never;
  });
}
