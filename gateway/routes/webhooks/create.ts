import { createRoute } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { jsonBody } from '../../app/middleware/json-body.ts';
import { noQuery } from '../../app/middleware/no-query.ts';
import { BODY_PROBLEMS, problems } from '../../schemas/problem.ts';
import { createdWebhookSchema, createWebhookBody, webhookDto } from '../../schemas/webhook.ts';
import type { WebhooksPort } from '../../webhooks/port.ts';

function defineRoute(maxBodyBytes: number) {
  return createRoute({
    middleware: [noQuery, ...jsonBody(maxBodyBytes)],
    method: 'post',
    path: '/v1/webhooks',
    operationId: 'createWebhook',
    tags: ['webhooks'],
    summary: 'Has events sent to a URL',
    description:
      'https only, and only to hosts of the public internet, whatever their names resolve to. Messages are signed as ' +
      'Standard Webhooks describe and repeated with the same `webhook-id` until the receiver answers 2xx.',
    request: { body: { required: true, content: { 'application/json': { schema: createWebhookBody } } } },
    responses: {
      201: { description: 'Created.', content: { 'application/json': { schema: createdWebhookSchema } } },
      ...problems(409, 503, ...BODY_PROBLEMS),
    },
  });
}

export function createWebhook(app: GatewayApp, webhooks: WebhooksPort, maxBodyBytes: number): void {
  app.openapi(defineRoute(maxBodyBytes), async (c) => {
    const made = await webhooks.create(c.get('protocol'), c.req.valid('json'), c.get('actor'));
    return c.json({ ...webhookDto(made), secret: made.secret }, 201);
  });
}
