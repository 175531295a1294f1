import { createHash } from 'node:crypto';
import type { Database } from '../../db/connection.ts';
import type { OutboxEntry } from '../../db/queries/outbox.ts';
import { addDeliveries, deliveryToSend, REPLAY_TOPIC } from '../../db/queries/webhook-deliveries.ts';
import { webhooksFor } from '../../db/queries/webhooks.ts';
import { iso } from '../schemas/common.ts';
import type { WebhookEvent } from './port.ts';

/** One event as it is told to webhooks. */
export interface Told {
  readonly type: WebhookEvent;
  /** null = every protocol. */
  readonly protocol: string | null;
  /** Market time. */
  readonly atMs: number;
  readonly data: Readonly<Record<string, unknown>>;
}

interface StatusChange {
  readonly protocol: string;
  readonly account: string;
  readonly from: string | null;
  readonly to: string;
  readonly asOfMs: number;
  readonly sequence: bigint;
}

const BY_STATUS: Readonly<Record<string, WebhookEvent>> = {
  'margin-call': 'margin.call',
  liquidatable: 'liquidation.required',
  insolvent: 'liquidation.required',
};

/** What an entry of the outbox means to webhooks; null for what they are not told. */
export function toldBy({ topic, payload }: Pick<OutboxEntry, 'topic' | 'payload'>): Told | null {
  if (topic === 'margin.status-changed') {
    const { protocol, account, from, to, asOfMs, sequence } = payload as StatusChange;
    const type = Object.hasOwn(BY_STATUS, to) ? BY_STATUS[to]! : null;
    // From liquidatable to insolvent nothing new is required.
    if (type === null || (from !== null && BY_STATUS[from] === type)) return null;
    const data = { accountId: account, status: to, previousStatus: from, sequence: Number(sequence) };
    return { type, protocol, atMs: asOfMs, data };
  }
  if (topic === 'regime.onset' || topic === 'oracle.halted') {
    const { atMs, ...data } = payload as { atMs: number };
    return { type: topic, protocol: null, atMs, data };
  }
  return null;
}

/** The same for the same entry and webhook on every repeat. */
function messageId(entry: bigint, createdAtMs: number, webhook: string): string {
  const text = `${entry}:${createdAtMs}:${webhook}`;
  return `msg_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/**
 * Hands an entry of the outbox on to webhooks: writes its deliveries, then enqueues each. A repeat writes nothing twice
 * and enqueues under the same job id.
 */
export async function dispatchToWebhooks(
  database: Database,
  entry: OutboxEntry,
  enqueue: (delivery: { readonly id: string; readonly round: number }) => Promise<void>,
): Promise<void> {
  if (entry.topic === REPLAY_TOPIC) {
    const { delivery: id } = entry.payload as { delivery: string };
    const found = await deliveryToSend(database.orm, id);
    if (found !== null) await enqueue(found.delivery);
    return;
  }
  const told = toldBy(entry);
  if (told === null) return;
  const { type, protocol, atMs, data } = told;
  const hooks = await webhooksFor(database.orm, type, protocol);
  const body = JSON.stringify({ type, timestamp: iso(atMs), data });
  const made = hooks.map((hook) => ({
    id: messageId(entry.id, entry.createdAtMs, hook.id),
    webhook: hook.id,
    protocol: hook.protocol,
    event: type,
    body,
  }));
  await addDeliveries(database.orm, made);
  for (const { id } of made) await enqueue({ id, round: 0 });
}
