import { eq } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { currentCause } from '../cause.ts';
import type { Database, Orm } from '../connection.ts';
import { proposalApprovals, proposalImpacts, proposals } from '../schema/governance.ts';
import { appendAudit } from './audit.ts';
import { getPolicy } from './governance.ts';
import { ApprovalRefusedError, DuplicateApprovalError, ProposalStateError } from './proposal-errors.ts';
import type { ProposalOnChain } from './proposal-on-chain.ts';
import {
  type AccountImpact,
  type ImpactSummary,
  listApprovals,
  lockProposal,
  type ProposalApproval,
  type ProposalState,
  proposalFromRow,
  type StoredProposal,
} from './proposals.ts';

type Change = Partial<typeof proposals.$inferInsert>;

/** Inside a transaction that holds its lock. */
export async function changeProposal(tx: Orm, id: string, values: Change): Promise<StoredProposal> {
  const rows = await tx.update(proposals).set(values).where(eq(proposals.id, id)).returning();
  return proposalFromRow(rows[0]!);
}

const ROWS_PER_INSERT = 1_000;

/** Keeps the impact and opens the proposal for approvals; nothing when another worker was first. */
export function saveImpact(
  database: Database,
  id: string,
  summary: ImpactSummary,
  accounts: readonly AccountImpact[],
  /** What it changes on chain, with what is signed for the hub; null: nothing. */
  onChain: ProposalOnChain | null = null,
): Promise<StoredProposal> {
  return database.transaction(async (tx) => {
    const proposal = await lockProposal(tx, null, id);
    if (proposal.state !== 'assessing') return proposal;
    for (let from = 0; from < accounts.length; from += ROWS_PER_INSERT) {
      const rows = accounts.slice(from, from + ROWS_PER_INSERT).map((row) => ({ proposal: id, ...row }));
      await tx.insert(proposalImpacts).values(rows);
    }
    return changeProposal(tx, id, { impact: summary, onChain, state: 'open' });
  });
}

/**
 * Adds a verified signature; the one that reaches the threshold starts the time lock.
 * @throws UnknownProposalError, ProposalStateError, ApprovalRefusedError, DuplicateApprovalError
 */
export function addApproval(
  database: Database,
  approval: {
    readonly protocol: string;
    readonly id: string;
    /** Lower-case address that the signature was recovered to. */
    readonly signer: string;
    readonly signature: string;
    /** Of the same signer over every decision that the proposal takes to the hub. */
    readonly hubSignatures: readonly string[];
  },
  actor: string,
  nowMs: UnixMs = Date.now(),
): Promise<StoredProposal> {
  const { protocol, id, signer, signature } = approval;
  const hubSignatures = [...approval.hubSignatures];
  return database.transaction(async (tx) => {
    const proposal = await lockProposal(tx, protocol, id);
    if (proposal.state !== 'open') throw new ProposalStateError('approved', proposal.state);
    if (proposal.deadlineMs <= nowMs) throw new ProposalStateError('approved', 'past its deadline');
    const present = await getPolicy(tx, protocol);
    if (!proposal.policy.signers.includes(signer) || !present?.signers.includes(signer)) {
      throw new ApprovalRefusedError(`${signer} is not a signer of this proposal`);
    }
    const written = await tx
      .insert(proposalApprovals)
      .values({ proposal: id, signer, signature, hubSignatures, at: nowMs })
      .onConflictDoNothing()
      .returning();
    if (written.length === 0) throw new DuplicateApprovalError(signer);
    const details = { via: actor, signature, hubSignatures };
    const audit = { protocol, actor: `signer:${signer}`, action: 'proposal.approve', subject: id, details };
    await appendAudit(tx, audit, nowMs);
    const valid = await validApprovals(tx, proposal);
    if (valid.length < neededApprovals(proposal, present.threshold)) return proposal;
    const executableAt = nowMs + proposal.policy.timeLockSeconds * 1000;
    const cause = currentCause();
    return changeProposal(tx, id, { state: 'approved', approvedAt: nowMs, executableAt, cause });
  });
}

/** The policy of then, that of now, and the hub: the strictest counts. */
export const neededApprovals = ({ policy, onChain }: StoredProposal, threshold: number) =>
  Math.max(policy.threshold, threshold, onChain?.threshold ?? 0);

/** Signatures of those who were signers when the proposal was made and still are. */
export async function validApprovals(
  tx: Orm,
  { id, protocol, policy }: StoredProposal,
): Promise<ProposalApproval[]> {
  const present = await getPolicy(tx, protocol);
  const approvals = (await listApprovals(tx, [id])).get(id) ?? [];
  return approvals.filter(
    ({ signer }) => policy.signers.includes(signer) && present?.signers.includes(signer),
  );
}

/** Inside a transaction that holds its lock. */
export async function closeProposal(
  tx: Orm,
  proposal: StoredProposal,
  state: ProposalState,
  reason: string,
  actor: string,
  nowMs: UnixMs,
): Promise<StoredProposal> {
  const { protocol, id } = proposal;
  const action = `proposal.${state === 'vetoed' ? 'veto' : state === 'expired' ? 'expire' : 'supersede'}`;
  await appendAudit(tx, { protocol, actor, action, subject: id, details: { reason } }, nowMs);
  return changeProposal(tx, id, { state, closedAt: nowMs, closedReason: reason });
}

const VETOABLE: ReadonlySet<ProposalState> = new Set(['assessing', 'open', 'approved']);

/** Ends a proposal before it is executed. @throws UnknownProposalError, ProposalStateError */
export function vetoProposal(
  database: Database,
  { protocol, id, reason }: { readonly protocol: string; readonly id: string; readonly reason: string },
  actor: string,
  nowMs: UnixMs = Date.now(),
): Promise<StoredProposal> {
  return database.transaction(async (tx) => {
    const proposal = await lockProposal(tx, protocol, id);
    if (!VETOABLE.has(proposal.state)) throw new ProposalStateError('vetoed', proposal.state);
    return closeProposal(tx, proposal, 'vetoed', reason, actor, nowMs);
  });
}

/** Ends a proposal that was not approved by its deadline; nothing when it was. */
export function expireProposal(database: Database, id: string, nowMs: UnixMs): Promise<StoredProposal> {
  return database.transaction(async (tx) => {
    const proposal = await lockProposal(tx, null, id);
    if (proposal.state !== 'open' || proposal.deadlineMs > nowMs) return proposal;
    return closeProposal(tx, proposal, 'expired', 'not approved by its deadline', 'job', nowMs);
  });
}
