import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { healthSchema } from '../../schemas/operations.ts';

const route = createRoute({
  method: 'get',
  path: '/health',
  operationId: 'getHealth',
  tags: ['operations'],
  summary: 'The process answers',
  security: [],
  responses: { 200: { description: 'It does.', content: { 'application/json': { schema: healthSchema } } } },
});

export function getHealth(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, (c) => c.json({ status: 'ok' as const, network: ports.networkName }, 200));
}
