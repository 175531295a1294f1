import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { KeysPort } from '../../app/tenancy-ports.ts';
import { keyDto, keyListSchema } from '../../schemas/key.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/keys',
  middleware: noQuery,
  operationId: 'listKeys',
  tags: ['tenants'],
  summary: "The protocol's API keys, without their secrets",
  responses: {
    200: {
      description: 'All keys, also ended ones.',
      content: { 'application/json': { schema: keyListSchema } },
    },
    ...problems(503),
  },
});

export function listKeys(app: GatewayApp, keys: KeysPort): void {
  app.openapi(route, async (c) => {
    const found = await keys.list(c.get('protocol'));
    return c.json({ keys: found.map((key) => keyDto(key, Date.now())) }, 200);
  });
}
