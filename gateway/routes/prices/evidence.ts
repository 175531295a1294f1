import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { evidenceDto, evidenceSchema } from '../../schemas/evidence.ts';
import { problems } from '../../schemas/problem.ts';
import { priceParams } from './get.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/prices/{id}/evidence',
  operationId: 'getPriceEvidence',
  tags: ['prices'],
  summary: 'What every source said, how it was weighed, and why',
  request: { params: priceParams, query: z.strictObject({}) },
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
