import { z } from '@hono/zod-openapi';
import type { StoredDelivery } from '../../db/queries/webhook-deliveries.ts';
import type { StoredWebhook } from '../../db/queries/webhooks.ts';
import { WEBHOOK_EVENTS } from '../webhooks/port.ts';
import { iso, timestamp } from './common.ts';
import { nextCursorField } from './page.ts';

const webhookId = z.string().regex(/^wh_[0-9a-f]{24}$/, 'must be the id of a webhook');
const deliveryId = z.string().regex(/^msg_[0-9a-f]{32}$/, 'must be the id of a delivery');

export const webhookParams = z.strictObject({
  id: webhookId.openapi({ param: { name: 'id', in: 'path' }, example: `wh_${'ab'.repeat(12)}` }),
});
export const deliveryParams = z.strictObject({
  id: webhookId.openapi({ param: { name: 'id', in: 'path' }, example: `wh_${'ab'.repeat(12)}` }),
  delivery: deliveryId.openapi({
    param: { name: 'delivery', in: 'path' },
    example: `msg_${'ab'.repeat(16)}`,
  }),
});

export const createWebhookBody = z
  .strictObject({
    url: z.string().min(1).max(2048).openapi({ example: 'https://venue.example/breakwater' }),
    events: z
      .array(z.enum(WEBHOOK_EVENTS))
      .min(1)
      .max(WEBHOOK_EVENTS.length)
      .refine((events) => new Set(events).size === events.length, 'names an event twice')
      .openapi({ example: ['margin.call', 'liquidation.required'] }),
  })
  .openapi('CreateWebhook');

const fields = { id: z.string(), url: z.string(), events: z.array(z.string()), createdAt: timestamp };
const webhookSchema = z.object(fields).openapi('Webhook');
export const createdWebhookSchema = z
  .object({
    ...fields,
    secret: z.string().openapi({ description: 'Signs every message (Standard Webhooks); shown this once.' }),
  })
  .openapi('CreatedWebhook');
export const webhookListSchema = z.object({ webhooks: z.array(webhookSchema) }).openapi('WebhookList');
export const deletedWebhookSchema = z
  .object({ id: z.string(), deleted: z.literal(true) })
  .openapi('DeletedWebhook');

export const deliverySchema = z
  .object({
    id: z.string().openapi({ description: 'Sent as `webhook-id`, the same on every try.' }),
    event: z.string(),
    state: z.enum(['pending', 'delivered', 'dead']),
    attempts: z.int(),
    lastStatus: z.int().nullable(),
    lastError: z.string().nullable(),
    createdAt: timestamp,
    deliveredAt: timestamp.nullable(),
    body: z.string(),
  })
  .openapi('WebhookDelivery');
export const deliveryListSchema = z
  .object({ deliveries: z.array(deliverySchema), nextCursor: nextCursorField })
  .openapi('WebhookDeliveryList');

export function webhookDto({ id, url, events, createdAtMs }: StoredWebhook): z.infer<typeof webhookSchema> {
  return { id, url, events: [...events], createdAt: iso(createdAtMs) };
}

export function deliveryDto(delivery: StoredDelivery): z.infer<typeof deliverySchema> {
  const { id, event, state, attempts, lastStatus, lastError, createdAtMs, deliveredAtMs, body } = delivery;
  return {
    id,
    event,
    state,
    attempts,
    lastStatus,
    lastError,
    createdAt: iso(createdAtMs),
    deliveredAt: deliveredAtMs === null ? null : iso(deliveredAtMs),
    body,
  };
}
