import type { Hex } from 'viem';
import type { BoundsDecision, ParameterDecision } from '../../chains/contracts/decisions.ts';
import { FeeAboveBoundError } from '../../chains/publisher/errors.ts';
import { type Draft, decisionId } from '../../chains/publisher/hub.ts';
import { recordTransaction } from '../../db/queries/chain-transactions.ts';
import { changePublication, type PublicationView, saveArrival } from '../../db/queries/publications.ts';
import type { Publisher } from './publisher.ts';

/** A decision as approvers of the hub signed it. */
export type SignedDecision = (
  | { readonly kind: 'bounds'; readonly decision: BoundsDecision }
  | { readonly kind: 'parameter'; readonly decision: ParameterDecision }
) & {
  /** By ascending signer. */
  readonly signatures: readonly Hex[];
  /** Unix seconds by the clock of the hub: end of the notice that was given of it. Absent: none was. */
  readonly notBefore?: bigint;
};

/** How often a scheduled decision is looked at, at the least. */
const MOST_WAIT_MS = 60_000;
/** Fees may rise between quote and block; what is not needed comes back. */
const FEE_MARGIN = 110n;

/**
 * Takes publications one step further on the hub: what is there already is adopted, what is not is sent. Several are values
 * of different lines, which go in one transaction and one message to each chain.
 * @returns whether something was done: false while a decision waits
 * @throws FeeAboveBoundError, ContractRefusedError, ChainUnavailableError, DatabaseUnavailableError
 */
export async function advance(
  publisher: Publisher,
  [publication, ...more]: readonly [PublicationView, ...PublicationView[]],
): Promise<boolean> {
  if (publication.kind === 'value') {
    await publishValues(publisher, [publication, ...more]);
    return true;
  }
  return decide(publisher, publication);
}

/** Schedules or executes a decision of the approvers. */
async function decide(publisher: Publisher, publication: PublicationView): Promise<boolean> {
  const signed = publication.decision as SignedDecision;
  const { hub } = publisher;
  const line = lineOf(publication);
  const id =
    signed.kind === 'bounds'
      ? decisionId('Bounds', signed.decision)
      : decisionId('Parameter', signed.decision);
  const locked = await hub.readyAt(id);
  if (locked === 0n) {
    const next = await hub.nonceOf(line);
    if (next > signed.decision.nonce) {
      await adoptDecision(publisher, publication, signed);
      return true;
    }
    if (next < signed.decision.nonce)
      return wait(publisher, publication, 'waits for an earlier decision about it', 1n);
    const functionName = signed.kind === 'bounds' ? 'scheduleBounds' : 'scheduleParameter';
    const args = [signed.decision, signed.signatures];
    return send(publisher, publication, 'schedule', functionName, args, 0n, null);
  }
  const now = await hub.chainTimeSeconds();
  const notBefore = signed.notBefore ?? 0n;
  const ready = locked > notBefore ? locked : notBefore;
  if (now < ready) {
    const what = locked > notBefore ? 'its time lock' : 'the notice given of it';
    const reason = `${what} ends at ${new Date(Number(ready) * 1000).toISOString()} by the clock of the hub`;
    return wait(publisher, publication, reason, ready - now, 'scheduled');
  }
  if (signed.kind === 'bounds') {
    return send(publisher, publication, 'execute', 'executeBounds', [signed.decision], 0n, null);
  }
  const { sequence } = await hub.line(line);
  const { value, referenceId } = signed.decision;
  const draft: Draft = { ...line, value, referenceId, sequence: sequence + 1n, extra: '0x' };
  const fee = await boundedFee(publisher, [draft]);
  const args = [signed.decision];
  return send(publisher, publication, 'execute', 'executeParameter', args, fee, sequence + 1n);
}

async function wait(
  { database, retryFirstMs }: Publisher,
  { id }: PublicationView,
  reason: string,
  seconds: bigint,
  state: 'pending' | 'scheduled' = 'pending',
): Promise<false> {
  const waitMs = Math.min(Number(seconds) * 1000, MOST_WAIT_MS);
  const dueAt = Date.now() + Math.min(waitMs, retryFirstMs);
  await changePublication(database.orm, id, { state, reason, dueAt });
  return false;
}

async function publishValues(publisher: Publisher, publications: readonly PublicationView[]): Promise<void> {
  const { hub } = publisher;
  const sent: { publication: PublicationView; sequence: bigint }[] = [];
  const drafts: Draft[] = [];
  for (const publication of publications) {
    const { id, value } = publication;
    const line = lineOf(publication);
    const found = await hub.find(line, id);
    if (found !== null) {
      await adopt(publisher, publication, found);
      continue;
    }
    const sequence = (await hub.line(line)).sequence + 1n;
    drafts.push({ ...line, value: value!, sequence, referenceId: id, extra: '0x' });
    sent.push({ publication, sequence });
  }
  if (drafts.length === 0) return;
  const fee = await boundedFee(publisher, drafts);
  await sendAll(publisher, sent, 'publish', 'publish', [drafts], fee);
}

const lineOf = ({ marketAddress, updateType }: PublicationView) => ({
  market: marketAddress as Hex,
  updateType,
});

async function boundedFee({ hub, maxFeeWei }: Publisher, drafts: readonly Draft[]): Promise<bigint> {
  const quoted = await hub.quote(drafts);
  if (quoted > maxFeeWei) throw new FeeAboveBoundError('message fee', quoted, maxFeeWei);
  const given = (quoted * FEE_MARGIN) / 100n;
  return given < maxFeeWei ? given : maxFeeWei;
}

async function send(
  publisher: Publisher,
  publication: PublicationView,
  step: string,
  functionName: string,
  args: readonly unknown[],
  value: bigint,
  sequence: bigint | null,
): Promise<true> {
  await sendAll(publisher, [{ publication, sequence }], step, functionName, args, value);
  return true;
}

/** The transaction is kept under the id of the first. */
async function sendAll(
  publisher: Publisher,
  sent: readonly { readonly publication: PublicationView; readonly sequence: bigint | null }[],
  step: string,
  functionName: string,
  args: readonly unknown[],
  value: bigint,
): Promise<void> {
  const { hub, database } = publisher;
  const first = sent[0]!.publication.id;
  const batch = sent.length > 1 ? first : null;
  const call = { publication: first, step, to: hub.address, abi: hub.abi, functionName, args, value };
  await publisher.sender(hub.chain.id).send(call, (made) =>
    // One transaction: whoever sees a publication as pending knows that nothing was signed for it.
    database.transaction(async (tx) => {
      await recordTransaction(tx, made);
      const transactionHash = made.versions.at(-1)!.hash;
      for (const { publication, sequence } of sent) {
        const values = { state: 'sending' as const, reason: null, feeWei: value, transactionHash };
        await changePublication(tx, publication.id, { ...values, sequence, batch });
      }
    }),
  );
}

/** It is on the hub though it was not recorded, as after a restored backup. */
async function adopt(
  publisher: Publisher,
  { id }: PublicationView,
  found: { readonly sequence: bigint; readonly hash: Hex | null },
): Promise<void> {
  await publisher.database.transaction(async (tx) => {
    await changePublication(tx, id, {
      state: 'published',
      reason: null,
      sequence: found.sequence,
      transactionHash: found.hash,
      blockNumber: null,
      publishedAt: Date.now(),
    });
    for (const chain of publisher.chains.keys()) {
      await saveArrival(tx, { publication: id, chain }, { state: 'waiting' });
    }
  });
}

/** The hub knows the decision no more: it took effect, or a veto or a later decision ended it. */
async function adoptDecision(
  publisher: Publisher,
  publication: PublicationView,
  { kind, decision }: SignedDecision,
): Promise<void> {
  const { hub, database } = publisher;
  const line = lineOf(publication);
  if (kind === 'parameter') {
    const found = await hub.find(line, decision.referenceId);
    if (found !== null) return adopt(publisher, publication, found);
  } else {
    const { bounded, minValue, maxValue } = await hub.line(line);
    if (bounded && minValue === decision.minValue && maxValue === decision.maxValue) {
      const now = Date.now();
      const done = { reason: null, publishedAt: now, arrivedAt: now, closedAt: now };
      return changePublication(database.orm, publication.id, { state: 'arrived', ...done });
    }
  }
  const reason = 'vetoed, or overtaken by a later decision about the same parameter';
  await changePublication(database.orm, publication.id, { state: 'refused', reason, closedAt: Date.now() });
}
