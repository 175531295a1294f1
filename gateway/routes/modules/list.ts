import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { moduleListSchema, moduleSummaryDto } from '../../schemas/module.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/modules',
  middleware: noQuery,
  operationId: 'listModules',
  tags: ['modules'],
  summary: 'The standard risk modules',
  responses: {
    200: { description: 'All versions.', content: { 'application/json': { schema: moduleListSchema } } },
    304: { description: 'Not changed since the ETag of `If-None-Match`.' },
    ...problems(),
  },
});

export function listModules(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => c.json({ modules: ports.modules.list().map(moduleSummaryDto) }, 200));
}
