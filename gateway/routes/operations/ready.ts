import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp, RouteContext } from '../../app/context.ts';
import { readySchema } from '../../schemas/operations.ts';
import { withoutAddresses } from '../../schemas/redact.ts';

const content = { 'application/json': { schema: readySchema } };
const route = createRoute({
  method: 'get',
  path: '/ready',
  operationId: 'getReadiness',
  tags: ['operations'],
  summary: 'May traffic be sent here',
  security: [],
  responses: {
    200: { description: 'Yes.', content },
    503: { description: 'Not now; `checks` say why.', content },
  },
});

export function getReadiness(app: GatewayApp, { ports }: RouteContext): void {
  app.openapi(route, async (c) => {
    const found = await ports.health.ready();
    const ready = found.every((check) => check.ok);
    const checks = found.map(({ name, ok, detail }) => ({ name, ok, detail: withoutAddresses(detail) }));
    return ready ? c.json({ ready, checks }, 200) : c.json({ ready, checks }, 503);
  });
}
