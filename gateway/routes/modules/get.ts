import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { moduleDto, moduleParams, moduleSchema } from '../../schemas/module.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/modules/{id}/{version}',
  middleware: noQuery,
  operationId: 'getModule',
  tags: ['modules'],
  summary: 'One version of a risk module with its parameter schema; a version never changes',
  request: { params: moduleParams },
  responses: {
    200: { description: 'The module.', content: { 'application/json': { schema: moduleSchema } } },
    304: { description: 'Not changed since the ETag of `If-None-Match`.' },
    ...problems(404),
  },
});

export function getModule(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => {
    const { id, version } = c.req.valid('param');
    return c.json(moduleDto(ports.modules.get(id, version)), 200);
  });
}
