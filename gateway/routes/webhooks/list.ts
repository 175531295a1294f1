import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { problems } from '../../schemas/problem.ts';
import { webhookDto, webhookListSchema } from '../../schemas/webhook.ts';
import type { WebhooksPort } from '../../webhooks/port.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/webhooks',
  middleware: noQuery,
  operationId: 'listWebhooks',
  tags: ['webhooks'],
  summary: "The protocol's webhooks, without their secrets",
  responses: {
    200: { description: 'All of them.', content: { 'application/json': { schema: webhookListSchema } } },
    ...problems(503),
  },
});

export function listWebhooks(app: GatewayApp, webhooks: WebhooksPort): void {
  app.openapi(route, async (c) =>
    c.json({ webhooks: (await webhooks.list(c.get('protocol'))).map(webhookDto) }, 200),
  );
}
