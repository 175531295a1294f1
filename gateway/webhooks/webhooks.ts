import { randomBytes } from 'node:crypto';
import type { Database } from '../../db/connection.ts';
import { listDeliveries, replayDelivery } from '../../db/queries/webhook-deliveries.ts';
import { createWebhook, deleteWebhook, listWebhooks } from '../../db/queries/webhooks.ts';
import type { WebhooksPort } from './port.ts';
import { newWebhookSecret } from './sign.ts';
import { webhookUrl } from './target.ts';

/** Per protocol. */
const MAX_WEBHOOKS = 20;

/** Webhooks over the database. `allowPrivate` is for development only. */
export function databaseWebhooks(database: Database, allowPrivate: boolean): WebhooksPort {
  return {
    async create(protocol, { url, events }, actor) {
      const made = {
        id: `wh_${randomBytes(12).toString('hex')}`,
        protocol,
        url: webhookUrl(url, allowPrivate).href,
        events,
        secret: newWebhookSecret(),
      };
      return createWebhook(database, made, MAX_WEBHOOKS, actor);
    },
    list: (protocol) => listWebhooks(database.orm, protocol),
    remove: (protocol, id, actor) => deleteWebhook(database, { protocol, id }, actor),
    deliveries: (protocol, id, page) => listDeliveries(database.orm, { protocol, webhook: id }, page),
    replay: (protocol, webhook, id, actor) => replayDelivery(database, { protocol, webhook, id }, actor),
  };
}
