import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { evidenceDto, evidenceSchema } from '../../schemas/evidence.ts';
import { problems } from '../../schemas/problem.ts';
import { priceParams } from './get.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/prices/{id}/evidence',
  middleware: noQuery,
  operationId: 'getPriceEvidence',
  tags: ['prices'],
  summary: 'What every source said, how it was weighed, and why',
  request: { params: priceParams },
  responses: {
    200: { description: 'The evidence.', content: { 'application/json': { schema: evidenceSchema } } },
    ...problems(404),
  },
});

export function getEvidence(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => {
    const price = ports.prices.get(c.req.valid('param').id);
    return c.json(evidenceDto(price, ports.clock.nowMs(), ports.prices.validForMs), 200);
  });
}
