import { z } from 'zod';
import { withCause } from '../../db/cause.ts';
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
        if (!isDue(publication) || busy.has(key(publication))) continue;
        const together = open.filter((one) => one === publication || goesWith(publication, one, busy));
        for (const one of together) busy.add(key(one));
        try {
          const others = together.filter((one) => one !== publication);
          // Several that go together are of one proposal, and so of one cause.
          const done = await withCause(publication.cause, () => advance(publisher, [publication, ...others]));
          counts[done ? 'sent' : 'waiting'] += together.length;
          // One that only waits lets the next decision about its parameter be scheduled behind it.
          if (!done) busy.delete(key(publication));
        } catch (error) {
          const final = await postpone(publisher, together, error);
          counts[final ? 'refused' : 'waiting'] += together.length;
          withCause(publication.cause, () =>
            logger.warn({ publication: publication.id, err: error }, 'a publication was not sent'),
          );
        }
      }
      return counts;
    });
  },
});

const isDue = ({ state, dueAt }: PublicationView) =>
  (state === 'pending' || state === 'scheduled') && dueAt <= Date.now();

/** Values of one proposal go in one transaction, unless they were tried before: then each goes alone. */
function goesWith(first: PublicationView, other: PublicationView, busy: ReadonlySet<string>): boolean {
  const fresh = (one: PublicationView) => one.kind === 'value' && one.attempts === 0 && isDue(one);
  const same = first.proposal !== null && other.proposal === first.proposal;
  return same && fresh(first) && fresh(other) && !busy.has(key(other)) && key(other) !== key(first);
}

/** @returns whether it is refused for good */
async function postpone(
  publisher: Publisher,
  publications: readonly PublicationView[],
  error: unknown,
): Promise<boolean> {
  if (!(error instanceof BreakwaterError) || error.type === 'database-unavailable') throw error;
  const reason = `${error.type}: ${error.message}`.slice(0, 500);
  const final = !error.retryable && publications.length === 1;
  const { orm } = publisher.database;
  for (const { id, attempts: before } of publications) {
    const attempts = before + 1;
    if (final) await changePublication(orm, id, { state: 'refused', reason, attempts, closedAt: Date.now() });
    else await changePublication(orm, id, { reason, attempts, dueAt: retryAtMs(publisher, attempts) });
  }
  return final;
}
