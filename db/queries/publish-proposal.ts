import type { UnixMs } from '../../risk/units/time.ts';
import type { Orm } from '../connection.ts';
import type { ProposalApproval, StoredProposal } from './proposals.ts';
import { addPublication } from './publications.ts';

/**
 * Stores the publications of a proposal that is being executed; a job takes them to the hub. Decisions go with the
 * signatures of their approvers by ascending signer, as the hub takes them, and not before `effectiveFromMs`: the hub
 * itself checks signatures, bounds and time lock.
 */
export async function publishProposal(
  tx: Orm,
  proposal: StoredProposal,
  approvals: readonly ProposalApproval[],
  time: { readonly nowMs: UnixMs; readonly effectiveFromMs: UnixMs },
): Promise<void> {
  const { onChain, id, protocol, autonomous } = proposal;
  if (onChain === null) return;
  const signed = approvals.filter(({ hubSignatures }) => hubSignatures.length > 0);
  signed.sort((left, right) => (BigInt(left.signer) < BigInt(right.signer) ? -1 : 1));
  const decided = onChain.changes.filter(({ kind }) => kind !== 'value');
  for (const [index, change] of onChain.changes.entries()) {
    const { kind, market, marketAddress, updateType, value, computed, publication, decision } = change;
    const at = decided.indexOf(change);
    const signatures = signed.map(({ hubSignatures }) => hubSignatures[at]);
    const notBefore = BigInt(Math.ceil(time.effectiveFromMs / 1000));
    await addPublication(
      tx,
      {
        ...{ id: publication, protocol, kind, hub: onChain.hub, market, marketAddress, updateType, value },
        source: autonomous ? 'forecast' : 'governance',
        computedValue: kind === 'value' ? (computed ?? value) : null,
        decision: kind === 'value' ? null : { kind, decision, signatures, notBefore },
        proposal: id,
      },
      'job',
      // In their order: a decision about bounds goes before one about a value.
      time.nowMs + index,
    );
  }
}
