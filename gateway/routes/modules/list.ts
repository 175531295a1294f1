import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { moduleListSchema, moduleSummaryDto } from '../../schemas/module.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/modules',
  operationId: 'listModules',
  tags: ['modules'],
  summary: 'The standard risk modules',
  request: { query: z.strictObject({}) },
  responses: {
    200: { description: 'All versions.', content: { 'application/json': { schema: moduleListSchema } } },
    304: { description: 'Not changed since the ETag of `If-None-Match`.' },
    ...problems(),
  },
});

export function listModules(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => c.json({ modules: ports.modules.list().map(moduleSummaryDto) }, 200));
}
