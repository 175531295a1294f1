import { z } from 'zod';
import { withCause } from '../../db/cause.ts';
import { exclusively } from '../../db/queries/exclusive.ts';
import { openPublications } from '../../db/queries/publications.ts';
import { PartialFailureError } from '../errors.ts';
import { applyOutcome } from '../publishing/outcomes.ts';
import { track } from '../publishing/track.ts';
import { defineTask } from '../task.ts';
import { lockOf, type PublishPorts } from './publish-send.ts';

/** Follows publications to every chain until no reorganisation can undo them; retries messages that are stuck. */
export const publishTrack = defineTask({
  name: 'publish-track',
  payload: z.strictObject({}),
  timeoutMs: 120_000,
  attempts: 3,
  backoff: { delayMs: 1_000, jitter: 0.5 },
  async run(_payload, { publisher }: PublishPorts, { signal }) {
    const { database, hub, chains } = publisher;
    return exclusively(database, lockOf(publisher), async () => {
      const failures: { part: string; error: unknown }[] = [];
      /** One chain or publication that cannot be served now must not hold up the others. */
      const apart = (part: string, work: Promise<void>) =>
        work.catch((error) => failures.push({ part, error }));
      for (const chain of chains.keys()) {
        if (chain === hub.chain.id) continue;
        await apart(
          chain,
          publisher.sender(chain).settle((outcome) => applyOutcome(publisher, outcome)),
        );
      }
      const open = await openPublications(database.orm, hub.chain.id);
      const out = open.filter(({ state }) => state === 'published' || state === 'arrived');
      for (const publication of out) {
        signal.throwIfAborted();
        await apart(
          publication.id,
          withCause(publication.cause, () => track(publisher, publication)),
        );
      }
      if (failures.length > 0) throw new PartialFailureError('publish-track', failures);
      return { followed: out.length };
    });
  },
});
