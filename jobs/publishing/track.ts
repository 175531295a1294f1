import { type Address, encodeFunctionData } from 'viem';
import type { LayerZeroPacket } from '../../chains/layerzero/packet.ts';
import { deliverCall, messageState, readArrival } from '../../chains/publisher/arrival.ts';
import { FeeAboveBoundError } from '../../chains/publisher/errors.ts';
import type { PublisherChain } from '../../chains/publisher/publisher-chain.ts';
import type { RecordedTransaction } from '../../chains/publisher/transaction-store.ts';
import { recordTransaction } from '../../db/queries/chain-transactions.ts';
import {
  changePublication,
  type PublicationView,
  type StoredArrival,
  saveArrival,
} from '../../db/queries/publications.ts';
import type { Publisher } from './publisher.ts';

/** Retries of one message; each waits twice as long as the one before. */
const MOST_RETRIES = 8;

/**
 * Looks for a publication in the oracle of every chain that it goes to, and moves what is stuck.
 * @throws ChainUnavailableError, DatabaseUnavailableError
 */
export async function track(publisher: Publisher, publication: PublicationView): Promise<void> {
  const { database, hub } = publisher;
  const seen: StoredArrival[] = [];
  for (const arrival of publication.arrivals) {
    const chain = publisher.chains.get(arrival.chain);
    if (chain === undefined) continue;
    seen.push(arrival.settled ? arrival : await look(publisher, publication, arrival, chain));
  }
  const there = seen.length > 0 && seen.every(({ state }) => state === 'arrived' || state === 'overtaken');
  const now = Date.now();
  const own = seen.find(({ chain }) => chain === hub.chain.id);
  // No transaction of ours is watched for what was found on the hub: its block may still be replaced.
  if (own?.state === 'waiting' && publication.blockNumber === null) {
    await changePublication(database.orm, publication.id, { state: 'pending', sequence: null, dueAt: now });
    return;
  }
  if (there !== (publication.state === 'arrived')) {
    const state = there ? 'arrived' : 'published';
    await changePublication(database.orm, publication.id, { state, arrivedAt: there ? now : null });
  }
  if (there && seen.every(({ settled }) => settled)) {
    await changePublication(database.orm, publication.id, { closedAt: now });
  }
}

async function look(
  publisher: Publisher,
  publication: PublicationView,
  arrival: StoredArrival,
  chain: PublisherChain,
): Promise<StoredArrival> {
  const { id, marketAddress, updateType, sequence, kind } = publication;
  const key = { publication: id, chain: chain.id };
  const save = async (values: Partial<StoredArrival> & Pick<StoredArrival, 'state'>) => {
    await saveArrival(publisher.database.orm, key, values);
    return { ...arrival, ...values };
  };
  if (kind === 'bounds') {
    const head = await chain.use((client) => client.getBlockNumber());
    const settled = head - (arrival.blockNumber ?? head) + 1n >= chain.confirmations;
    return settled ? save({ state: arrival.state, settled }) : arrival;
  }
  const found = await readArrival(chain, { market: marketAddress as Address, updateType });
  if (sequence !== null && found.sequence >= sequence) {
    const state = found.sequence === sequence ? ('arrived' as const) : ('overtaken' as const);
    // Seen first at this head: blocks after it bury it deeper than counted, never less deep.
    const blockNumber = arrival.blockNumber ?? found.head;
    const settled = found.head - blockNumber + 1n >= chain.confirmations;
    // What was read as arrived stays so when a newer one comes.
    const kept = arrival.state === 'arrived' ? 'arrived' : state;
    if (kept === arrival.state && settled === arrival.settled && arrival.blockNumber !== null) return arrival;
    const arrivedAt = arrival.arrivedAt ?? Date.now();
    return save({ state: kept, reason: null, arrivedAt, blockNumber, settled });
  }
  if (arrival.state === 'arrived' || arrival.state === 'overtaken') {
    const reason = 'the block that held it was replaced';
    return save({ state: 'waiting', reason, arrivedAt: null, blockNumber: null });
  }
  const lateMs = Date.now() - (publication.publishedAt ?? Date.now());
  if (lateMs < publisher.stuckAfterMs || chain.id === publisher.hub.chain.id) return arrival;
  return save(await unstick(publisher, publication, arrival, chain, lateMs));
}

/** Finds out where a late message stands, and retries what can be: its execution here, else the message itself. */
async function unstick(
  publisher: Publisher,
  publication: PublicationView,
  arrival: StoredArrival,
  chain: PublisherChain,
  lateMs: number,
): Promise<Partial<StoredArrival> & Pick<StoredArrival, 'state'>> {
  const packet = arrival.packet as LayerZeroPacket | null;
  const message = packet === null ? 'unknown' : await messageState(chain, packet);
  const verified = message === 'verified';
  const where = verified
    ? 'verified, but not executed'
    : message === 'sent'
      ? 'not verified by the DVNs yet'
      : 'its message is not to be found';
  const stuck = { state: 'stuck' as const, reason: where };
  // DVNs are waited for twice as long: another message needs them just the same, and costs a fee.
  const due = arrival.dueAt <= Date.now() && (verified || lateMs >= 2 * publisher.stuckAfterMs);
  if (!due || arrival.retries >= MOST_RETRIES) return stuck;
  const retries = arrival.retries + 1;
  const dueAt = Date.now() + publisher.stuckAfterMs * 2 ** retries;
  try {
    if (verified) await deliver(publisher, publication.id, chain, packet!);
    else await resend(publisher, publication, chain);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ...stuck, reason: `${where}; the retry failed: ${why}`.slice(0, 500), retries, dueAt };
  }
  return { ...stuck, reason: `${where}; ${verified ? 'executed' : 'sent'} again`, retries, dueAt };
}

async function deliver(publisher: Publisher, id: string, chain: PublisherChain, packet: LayerZeroPacket) {
  const call = deliverCall(id, chain, packet);
  // A message may carry several publications: one execution delivers them all.
  const data = encodeFunctionData(call);
  if (await inFlight(publisher, chain.id, (one) => one.request.data === data)) return;
  await publisher.sender(chain.id).send(call, (made) => recordTransaction(publisher.database.orm, made));
}

async function resend(publisher: Publisher, publication: PublicationView, chain: PublisherChain) {
  const { hub, maxFeeWei, database } = publisher;
  const { id, marketAddress, updateType, sequence } = publication;
  const line = { market: marketAddress as Address, updateType };
  const step = `resend ${chain.id}`;
  const same = (one: RecordedTransaction) => one.publication === id && one.step === step;
  if (await inFlight(publisher, hub.chain.id, same)) return;
  // The hub sends the newest of a line again; that one is looked after by its own publication.
  if ((await hub.line(line)).sequence !== sequence) return;
  const eid = chain.definition.layerZero!.endpointId;
  const fee = await hub.quoteResend(line, eid);
  if (fee > maxFeeWei) throw new FeeAboveBoundError('message fee', fee, maxFeeWei);
  const args = [line.market, updateType, eid];
  const call = {
    publication: id,
    step,
    to: hub.address,
    abi: hub.abi,
    functionName: 'resend',
    args,
    value: fee,
  };
  await publisher.sender(hub.chain.id).send(call, (made) => recordTransaction(database.orm, made));
}

async function inFlight(
  publisher: Publisher,
  chain: string,
  which: (one: RecordedTransaction) => boolean,
): Promise<boolean> {
  const sender = publisher.account.address.toLowerCase();
  const open = await publisher.store.watched({ chain, sender });
  return open.some((one) => one.state === 'open' && which(one));
}
