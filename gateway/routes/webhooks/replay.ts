import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { problems } from '../../schemas/problem.ts';
import { deliveryDto, deliveryParams, deliverySchema } from '../../schemas/webhook.ts';
import type { WebhooksPort } from '../../webhooks/port.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/webhooks/{id}/deliveries/{delivery}/replay',
  middleware: noQuery,
  operationId: 'replayWebhookDelivery',
  tags: ['webhooks'],
  summary: 'Sends a message again, with the same webhook-id, whatever became of it',
  request: { params: deliveryParams },
  responses: {
    200: { description: 'To be sent.', content: { 'application/json': { schema: deliverySchema } } },
    ...problems(404, 503),
  },
});

export function replayWebhookDelivery(app: GatewayApp, webhooks: WebhooksPort): void {
  app.openapi(route, async (c) => {
    const { id, delivery } = c.req.valid('param');
    return c.json(deliveryDto(await webhooks.replay(c.get('protocol'), id, delivery, c.get('actor'))), 200);
  });
}
