import type { StoredDelivery } from '../../db/queries/webhook-deliveries.ts';
import type { StoredWebhook } from '../../db/queries/webhooks.ts';
import type { UnixMs } from '../../risk/units/time.ts';

export const WEBHOOK_EVENTS = [
  'margin.call',
  'liquidation.required',
  'regime.onset',
  'oracle.halted',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** Webhooks of one protocol. All throw DatabaseUnavailableError. */
export interface WebhooksPort {
  /** @throws WebhookTargetError, WebhookLimitError */
  create(
    protocol: string,
    ask: { readonly url: string; readonly events: readonly WebhookEvent[] },
    actor: string,
  ): Promise<StoredWebhook>;
  list(protocol: string): Promise<readonly StoredWebhook[]>;
  /** @throws UnknownWebhookError */
  remove(protocol: string, id: string, actor: string): Promise<void>;
  /** Newest first. @throws UnknownWebhookError */
  deliveries(
    protocol: string,
    id: string,
    page: {
      readonly before: { readonly createdAtMs: UnixMs; readonly id: string } | null;
      readonly limit: number;
    },
  ): Promise<readonly StoredDelivery[]>;
  /** @throws UnknownWebhookError */
  replay(protocol: string, webhook: string, delivery: string, actor: string): Promise<StoredDelivery>;
}
