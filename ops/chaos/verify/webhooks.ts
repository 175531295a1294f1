import { ask } from '../ask.ts';
import { type Receiver, wasTold } from '../load/webhooks.ts';
import type { Scene } from '../scene.ts';

export const KEPT = 'webhooks lost';
export const SAME_ID = 'a webhook that is repeated carries the same webhook-id';

/** Every call reached the receiver; every delivery that the API lists did; one message has one id. */
export async function verifyWebhooks(
  { cluster, ledger, checks }: Scene,
  receiver: Receiver,
  hooks: ReadonlyMap<string, string>,
): Promise<void> {
  for (const { protocol, account, sequence } of ledger.calls) {
    const told = wasTold(receiver, protocol, account, sequence);
    checks.note(KEPT, told ? null : `${protocol}/${account} at ${sequence} was never told`);
  }
  const idsReceived = new Set(receiver.received.map(({ id }) => id));
  for (const [protocol, hook] of hooks) {
    const owner = cluster.protocols.find(({ id }) => id === protocol)!;
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = `/v1/webhooks/${hook}/deliveries?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const answer = await ask(cluster.gateways[0]!.url!, owner, page, { timeoutMs: 20_000 });
      if (answer?.status !== 200) {
        checks.violated(KEPT, `deliveries of ${protocol} cannot be read: ${JSON.stringify(answer?.body)}`);
        break;
      }
      for (const { id, state } of answer.body.deliveries as { id: string; state: string }[]) {
        checks.note(KEPT, idsReceived.has(id) ? null : `${id} is ${state}, and was never received`);
      }
      cursor = answer.body.nextCursor;
    }
  }
  const idOf = new Map<string, string>();
  const bodyOf = new Map<string, string>();
  for (const { id, body, protocol, signed } of receiver.received) {
    const message = `${protocol} ${body}`;
    const [id0, body0] = [idOf.get(message) ?? id, bodyOf.get(id) ?? message];
    idOf.set(message, id0);
    bodyOf.set(id, body0);
    checks.note(SAME_ID, id0 === id && body0 === message ? null : `${id} and ${id0}: ${body}`);
    checks.note('every webhook is signed', signed ? null : `${id}: ${body}`);
  }
}
