import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import type { KeysPort } from '../../app/tenancy-ports.ts';
import { keyDto, keyParams, keySchema } from '../../schemas/key.ts';
import { problems } from '../../schemas/problem.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/keys/{id}',
  middleware: noQuery,
  operationId: 'revokeKey',
  tags: ['tenants'],
  summary: 'Ends a key at once, on every gateway',
  request: { params: keyParams },
  responses: {
    200: { description: 'Revoked.', content: { 'application/json': { schema: keySchema } } },
    ...problems(404, 503),
  },
});

export function revokeKey(app: GatewayApp, keys: KeysPort): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const key = await keys.revoke(c.get('protocol'), id, c.get('actor'));
    return c.json(keyDto(key, Date.now()), 200);
  });
}
