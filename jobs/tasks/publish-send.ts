import { z } from 'zod';
import { exclusively } from '../../db/queries/exclusive.ts';
import { changePublication, openPublications, type PublicationView } from '../../db/queries/publications.ts';
import { BreakwaterError } from '../../risk/errors.ts';
import { advance } from '../publishing/advance.ts';
import { applyOutcome, retryAtMs } from '../publishing/outcomes.ts';
import type { Publisher } from '../publishing/publisher.ts';
import { defineTask } from '../task.ts';

export interface PublishPorts {
  readonly publisher: Publisher;
}

/** One lock for all that signs with the gateway's key. */
export const lockOf = ({ hub }: Publisher) => `publish ${hub.chain.definition.chainId} ${hub.address}`;

const key = ({ marketAddress, updateType }: PublicationView) => `${marketAddress} ${updateType}`;

/**
 * Brings publications onto the hub: looks after the transactions that are out, then sends what is due. Refusals that
 * waiting may cure are tried again later; the others are final.
 */
export const publishSend = defineTask({
  name: 'publish-send',
  payload: z.strictObject({}),
  timeoutMs: 120_000,
  attempts: 3,
  backoff: { delayMs: 1_000, jitter: 0.5 },
  async run(_payload, { publisher }: PublishPorts, { signal, logger }) {
    const { database, hub } = publisher;
    return exclusively(database, lockOf(publisher), async () => {
      const counts = { sent: 0, waiting: 0, refused: 0 };
      await publisher.sender(hub.chain.id).settle((outcome) => applyOutcome(publisher, outcome));
      const open = await openPublications(database.orm, hub.chain.id);
      // The next sequence of a line is known when the one before is in a block.
      const busy = new Set(open.filter(({ state }) => state === 'sending').map(key));
      for (const publication of open) {
        signal.throwIfAborted();
        const { id, state, dueAt } = publication;
        const due = (state === 'pending' || state === 'scheduled') && dueAt <= Date.now();
        if (!due || busy.has(key(publication))) continue;
        busy.add(key(publication));
        try {
          await advance(publisher, publication);
          counts.sent += 1;
        } catch (error) {
          const final = await postpone(publisher, publication, error);
          counts[final ? 'refused' : 'waiting'] += 1;
          logger.warn({ publication: id, err: error }, 'a publication was not sent');
        }
      }
      return counts;
    });
  },
});

/** @returns whether it is refused for good */
async function postpone(
  publisher: Publisher,
  publication: PublicationView,
  error: unknown,
): Promise<boolean> {
  const { id } = publication;
  if (!(error instanceof BreakwaterError) || error.type === 'database-unavailable') throw error;
  const reason = `${error.type}: ${error.message}`.slice(0, 500);
  const final = !error.retryable;
  const attempts = publication.attempts + 1;
  const { orm } = publisher.database;
  if (final) await changePublication(orm, id, { state: 'refused', reason, attempts, closedAt: Date.now() });
  else await changePublication(orm, id, { reason, attempts, dueAt: retryAtMs(publisher, attempts) });
  return final;
}
