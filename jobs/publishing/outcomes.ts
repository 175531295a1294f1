import type { HubReceipt } from '../../chains/publisher/hub.ts';
import type { Outcome } from '../../chains/publisher/sender.ts';
import {
  changePublication,
  type PublicationView,
  publicationOf,
  publicationsSentWith,
  saveArrival,
} from '../../db/queries/publications.ts';
import type { Publisher } from './publisher.ts';

const GONE = 'the block that held it was replaced; it is sent again';

/** Waits after the first, second, ... failed try: doubling, at most 5 minutes. */
export function retryAtMs(publisher: Publisher, attempts: number): number {
  return Date.now() + Math.min(publisher.retryFirstMs * 2 ** Math.min(attempts, 20), 300_000);
}

/** Carries what became of a transaction over to its publications; may be repeated. */
export async function applyOutcome(publisher: Publisher, outcome: Outcome): Promise<void> {
  const { orm } = publisher.database;
  const { publication: id, step } = outcome.transaction;
  if (step.startsWith('deliver ')) return;
  if (step.startsWith('resend ')) {
    const publication = await publicationOf(orm, id);
    return publication === null ? undefined : applyResend(publisher, publication, outcome, step.slice(7));
  }
  for (const publication of await publicationsSentWith(orm, id))
    await applyTo(publisher, publication, outcome);
}

async function applyTo(publisher: Publisher, publication: PublicationView, outcome: Outcome): Promise<void> {
  const { database } = publisher;
  const { id } = publication;
  const { state, receipt } = outcome;
  const { step, minedHash } = outcome.transaction;
  if (state === 'reverted' || state === 'lost') {
    const reason =
      state === 'lost'
        ? 'its nonce went to another transaction'
        : 'its transaction was reverted; tried again';
    const attempts = publication.attempts + 1;
    const dueAt = retryAtMs(publisher, attempts);
    // Each goes alone from here on: one that the hub refuses does not hold up the others.
    const undone = { sequence: null, transactionHash: null, blockNumber: null, batch: null };
    await changePublication(database.orm, id, { state: 'pending', reason, attempts, dueAt, ...undone });
    return;
  }
  if (state === 'open') {
    if (receipt === null && minedHash !== null) await takeBack(publisher, publication);
    return;
  }
  if (receipt === null) return;
  if (step === 'schedule') {
    if (publication.state === 'sending') {
      await changePublication(database.orm, id, { state: 'scheduled', reason: null, dueAt: Date.now() });
    }
    return;
  }
  await applyPublished(publisher, publication, outcome, publisher.hub.receipt(receipt));
}

async function applyPublished(
  publisher: Publisher,
  publication: PublicationView,
  { receipt }: Outcome,
  done: HubReceipt,
): Promise<void> {
  const { database, hub } = publisher;
  const { id } = publication;
  const { blockNumber, transactionHash } = receipt!;
  if (publication.blockNumber === blockNumber && publication.transactionHash === transactionHash) return;
  const own = done.published.find(({ referenceId }) => referenceId === id) ?? done.published[0];
  const sequence = own?.sequence ?? null;
  const bounds = publication.kind === 'bounds';
  await database.transaction(async (tx) => {
    const now = Date.now();
    await changePublication(tx, id, {
      state: 'published',
      reason: null,
      sequence,
      transactionHash,
      blockNumber,
      publishedAt: now,
      arrivedAt: null,
      closedAt: null,
    });
    const waiting = {
      state: 'waiting' as const,
      reason: null,
      arrivedAt: null,
      blockNumber: null,
      settled: false,
    };
    const arrived = { ...waiting, state: 'arrived' as const, arrivedAt: now, blockNumber };
    await saveArrival(tx, { publication: id, chain: hub.chain.id }, bounds ? arrived : waiting);
    for (const packet of done.packets) {
      const chain = publisher.chainOfEndpoint(packet.dstEid)?.id;
      if (chain === undefined) {
        publisher.logger?.warn(
          { eid: packet.dstEid },
          'the hub publishes to a chain that is not in the registry',
        );
        continue;
      }
      const message = { guid: packet.guid, packet, retries: 0, dueAt: now };
      await saveArrival(tx, { publication: id, chain }, { ...waiting, ...message });
    }
  });
}

/** A reorganisation took the block: until another block holds it, it has arrived nowhere. */
async function takeBack(publisher: Publisher, { id, arrivals }: PublicationView): Promise<void> {
  await publisher.database.transaction(async (tx) => {
    const undone = { blockNumber: null, publishedAt: null, arrivedAt: null, closedAt: null };
    await changePublication(tx, id, { state: 'sending', reason: GONE, ...undone });
    for (const { chain } of arrivals) {
      const values = { state: 'waiting' as const, reason: GONE, arrivedAt: null, settled: false };
      await saveArrival(tx, { publication: id, chain }, { ...values, blockNumber: null });
    }
  });
}

/** From now on the newer message of the two is looked after. */
async function applyResend(
  publisher: Publisher,
  { id, arrivals }: PublicationView,
  { receipt, state }: Outcome,
  chain: string,
): Promise<void> {
  if (receipt === null || state !== 'mined') return;
  const packet = publisher.hub.receipt(receipt).packets[0];
  const arrival = arrivals.find((one) => one.chain === chain);
  if (packet === undefined || arrival === undefined) return;
  const values = { state: arrival.state, guid: packet.guid, packet };
  await saveArrival(publisher.database.orm, { publication: id, chain }, values);
}
