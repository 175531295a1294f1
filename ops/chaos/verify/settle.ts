import { setTimeout as delay } from 'node:timers/promises';
import { type Receiver, wasTold } from '../load/webhooks.ts';
import type { Scene } from '../scene.ts';

export const DONE = 'everything acknowledged is carried out in the end';
/** A delivery that failed seven times comes again after 5 minutes; so long nobody's turn is. */
const PATIENCE_MS = 180_000;

/** Waits until nothing is left to do: no entry of the outbox, no delivery, no publication, no approved proposal. */
export async function settle(scene: Scene, receiver: Receiver): Promise<void> {
  const { checks } = scene;
  const limit = performance.now() + PATIENCE_MS;
  let open = await leftUndone(scene, receiver);
  while (open.length > 0 && performance.now() < limit) {
    await delay(1_000);
    open = await leftUndone(scene, receiver);
  }
  checks.examine(DONE);
  for (const what of open) checks.violated(DONE, what);
}

async function leftUndone({ cluster, ledger }: Scene, receiver: Receiver): Promise<string[]> {
  const count = async (what: string, from: string) => {
    const rows = await cluster.postgres.query<{ open: string }>(`select count(*) as open from ${from}`);
    return rows[0]!.open === '0' ? [] : [`${rows[0]!.open} ${what}`];
  };
  try {
    const calls = ledger.calls.filter(
      ({ protocol, account, sequence }) => !wasTold(receiver, protocol, account, sequence),
    );
    return [
      ...(await count('entries of the outbox', 'outbox where dispatched_at is null')),
      ...(await count('webhooks to deliver', "webhook_deliveries where state <> 'delivered'")),
      ...(await count(
        'publications under way',
        "publications where source = 'governance' and state not in ('arrived', 'refused', 'superseded')",
      )),
      ...(await count('approved proposals', "proposals where state = 'approved'")),
      ...(calls.length === 0 ? [] : [`${calls.length} calls that no webhook has told`]),
    ];
  } catch (error) {
    return [`the database does not answer: ${String(error)}`];
  }
}
