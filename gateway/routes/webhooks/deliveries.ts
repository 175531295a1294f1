import { createRoute, z } from '@hono/zod-openapi';
import type { GatewayApp } from '../../app/context.ts';
import { limitOf, pageOf, pageQuery, readCursor, writeCursor } from '../../schemas/page.ts';
import { problems } from '../../schemas/problem.ts';
import { deliveryDto, deliveryListSchema, webhookParams } from '../../schemas/webhook.ts';
import type { WebhooksPort } from '../../webhooks/port.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/webhooks/{id}/deliveries',
  operationId: 'listWebhookDeliveries',
  tags: ['webhooks'],
  summary: 'What was sent to a webhook and how it went, newest first',
  request: { params: webhookParams, query: z.strictObject(pageQuery) },
  responses: {
    200: { description: 'One page.', content: { 'application/json': { schema: deliveryListSchema } } },
    ...problems(404, 503),
  },
});

const place = z.tuple([z.int().nonnegative().max(8_640_000_000_000_000), z.string().max(64)]);

export function listWebhookDeliveries(app: GatewayApp, webhooks: WebhooksPort): void {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const query = c.req.valid('query');
    const limit = limitOf(query);
    const from = readCursor(query.cursor, 'deliveries', place);
    const before = from === null ? null : { createdAtMs: from[0], id: from[1] };
    const found = await webhooks.deliveries(c.get('protocol'), id, { before, limit: limit + 1 });
    const { page, nextCursor } = pageOf(found, limit, (last) =>
      writeCursor('deliveries', [last.createdAtMs, last.id]),
    );
    return c.json({ deliveries: page.map(deliveryDto), nextCursor }, 200);
  });
}
