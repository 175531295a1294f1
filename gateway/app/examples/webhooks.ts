import { writeCursor } from '../../schemas/page.ts';
import { FAR_AHEAD_MS } from './moments.ts';
import type { Examples, FromAnswer } from './types.ts';

const WEBHOOK: FromAnswer = { example: 'wh_5f1e2d3c4b5a69788796a5b4', of: 'createWebhook', at: ['id'] };
const DELIVERY: FromAnswer = {
  example: 'msg_0f1e2d3c4b5a69788796a5b4c3d2e1f0',
  of: 'listWebhookDeliveries',
  at: ['deliveries', 0, 'id'],
};

export const WEBHOOK_EXAMPLES: Examples = {
  createWebhook: {
    requests: {
      margin: {
        summary: 'Hear of accounts that need margin, or must be liquidated',
        value: {
          url: 'https://venue.example/breakwater',
          events: ['margin.call', 'liquidation.required'],
        },
      },
    },
    problems: ['webhook-limit', 'webhook-target'],
  },
  listWebhooks: {},
  listWebhookDeliveries: {
    parameters: {
      id: WEBHOOK,
      limit: 10,
      cursor: writeCursor('deliveries', [FAR_AHEAD_MS, DELIVERY.example]),
    },
    problems: ['unknown-webhook'],
  },
  replayWebhookDelivery: { parameters: { id: WEBHOOK, delivery: DELIVERY }, problems: ['unknown-webhook'] },
  deleteWebhook: { parameters: { id: WEBHOOK }, problems: ['unknown-webhook'] },
};
