import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { problems } from '../../schemas/problem.ts';
import { deletedWebhookSchema, webhookParams } from '../../schemas/webhook.ts';
import type { WebhooksPort } from '../../webhooks/port.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/webhooks/{id}',
  middleware: noQuery,
  operationId: 'deleteWebhook',
  tags: ['webhooks'],
  summary: 'Removes a webhook; what is still to be sent to it is not',
  request: { params: webhookParams },
  responses: {
    200: { description: 'Removed.', content: { 'application/json': { schema: deletedWebhookSchema } } },
    ...problems(404, 503),
  },
});

export function deleteWebhook(app: GatewayApp, webhooks: WebhooksPort): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    await webhooks.remove(c.get('protocol'), id, c.get('actor'));
    return c.json({ id, deleted: true as const }, 200);
  });
}
