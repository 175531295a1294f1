import { currentCause } from '../../db/cause.ts';
import type { WebhookDeliverPorts } from '../../jobs/tasks/webhook-deliver.ts';
import { sendWebhook } from './send.ts';
import { signedHeaders } from './sign.ts';

/**
 * Signs a message as of now and sends it. `breakwater-request-id` names the HTTP request that caused it, where one did;
 * it is not signed.
 */
export function webhookSender(allowPrivate: boolean): WebhookDeliverPorts['send'] {
  return ({ url, secret }, { id, body }, signal) => {
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const cause = currentCause();
    const headers = {
      ...signedHeaders(secret, { id, timestampSeconds, body }),
      ...(cause === null ? {} : { 'breakwater-request-id': cause }),
    };
    return sendWebhook(url, { headers, body }, { allowPrivate }, signal);
  };
}
