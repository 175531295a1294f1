import { eq, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import { GOVERNANCE_CHANNEL, notify } from '../channels.ts';
import type { Database, Orm } from '../connection.ts';
import { proposalApprovals, proposalImpacts, proposals, riskConfigurations } from '../schema/governance.ts';
import { appendAudit } from './audit.ts';
import { getPolicy, latestConfiguration } from './governance.ts';
import { addToOutbox } from './outbox.ts';
import { ApprovalRefusedError, DuplicateApprovalError, ProposalStateError } from './proposal-errors.ts';
import {
  type AccountImpact,
  type ImpactSummary,
  lockProposal,
  type ProposalState,
  proposalFromRow,
  type StoredProposal,
} from './proposals.ts';
import { unsettled } from './settled.ts';

type Change = Partial<typeof proposals.$inferInsert>;

async function change(tx: Orm, id: string, values: Change): Promise<StoredProposal> {
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
): Promise<StoredProposal> {
  return database.transaction(async (tx) => {
    const proposal = await lockProposal(tx, null, id);
    if (proposal.state !== 'assessing') return proposal;
    for (let from = 0; from < accounts.length; from += ROWS_PER_INSERT) {
      const rows = accounts.slice(from, from + ROWS_PER_INSERT).map((row) => ({ proposal: id, ...row }));
      await tx.insert(proposalImpacts).values(rows);
    }
    return change(tx, id, { impact: summary, state: 'open' });
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
  },
  actor: string,
  nowMs: UnixMs = Date.now(),
): Promise<StoredProposal> {
  const { protocol, id, signer, signature } = approval;
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
      .values({ proposal: id, signer, signature, at: nowMs })
      .onConflictDoNothing()
      .returning();
    if (written.length === 0) throw new DuplicateApprovalError(signer);
    const details = { via: actor, signature };
    const audit = { protocol, actor: `signer:${signer}`, action: 'proposal.approve', subject: id, details };
    await appendAudit(tx, audit, nowMs);
    if ((await validApprovals(tx, proposal)) < neededApprovals(proposal, present.threshold)) return proposal;
    const executableAt = nowMs + proposal.policy.timeLockSeconds * 1000;
    return change(tx, id, { state: 'approved', approvedAt: nowMs, executableAt });
  });
}

const neededApprovals = ({ policy }: StoredProposal, threshold: number) =>
  Math.max(policy.threshold, threshold);

/** Signatures of those who were signers when the proposal was made and still are. */
async function validApprovals(tx: Orm, { id, protocol, policy }: StoredProposal): Promise<number> {
  const present = await getPolicy(tx, protocol);
  const rows = await tx.select().from(proposalApprovals).where(eq(proposalApprovals.proposal, id));
  return rows.filter(({ signer }) => policy.signers.includes(signer) && present?.signers.includes(signer))
    .length;
}

async function close(
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
  return change(tx, id, { state, closedAt: nowMs, closedReason: reason });
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
    return close(tx, proposal, 'vetoed', reason, actor, nowMs);
  });
}

/** Ends a proposal that was not approved by its deadline; nothing when it was. */
export function expireProposal(database: Database, id: string, nowMs: UnixMs): Promise<StoredProposal> {
  return database.transaction(async (tx) => {
    const proposal = await lockProposal(tx, null, id);
    if (proposal.state !== 'open' || proposal.deadlineMs > nowMs) return proposal;
    return close(tx, proposal, 'expired', 'not approved by its deadline', 'job', nowMs);
  });
}

/**
 * Puts an approved proposal whose time lock is over in force, once, from the end of the notice period on. One whose base
 * is no longer the latest, or whose signers are no longer enough, is superseded.
 */
export function executeProposal(
  database: Database,
  id: string,
  time: { readonly nowMs: UnixMs; readonly marketNowMs: UnixMs; readonly deploymentHash: string },
): Promise<StoredProposal> {
  const { nowMs, deploymentHash } = time;
  return unsettled(database, time.marketNowMs, async (tx, marketNowMs) => {
    const proposal = await lockProposal(tx, null, id);
    const { protocol, executableAtMs } = proposal;
    if (proposal.state !== 'approved' || executableAtMs === null || executableAtMs > nowMs) return proposal;
    const policy = await getPolicy(tx, protocol);
    if ((await validApprovals(tx, proposal)) < neededApprovals(proposal, policy?.threshold ?? 1)) {
      return close(tx, proposal, 'superseded', 'too few of its signers are left', 'job', nowMs);
    }
    // Two proposals of one protocol are executed one after the other.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${protocol}, 2))`);
    const latest = await latestConfiguration(tx, protocol);
    if ((latest?.parametersHash ?? deploymentHash) !== proposal.baseHash) {
      return close(tx, proposal, 'superseded', 'other parameters were accepted since', 'job', nowMs);
    }
    const version = (latest?.version ?? 0) + 1;
    const { moduleId, moduleVersion, parameters, parametersHash } = proposal;
    // Never before what was accepted earlier: versions are in force in their order.
    const notice = marketNowMs + proposal.policy.noticeSeconds * 1000;
    const effectiveFrom = Math.max(notice, latest?.effectiveFromMs ?? 0);
    const content = { moduleId, moduleVersion, parameters, parametersHash, effectiveFrom };
    await tx
      .insert(riskConfigurations)
      .values({ protocol, version, ...content, proposal: id, createdAt: nowMs });
    const details = { version, moduleId, moduleVersion, parametersHash, effectiveFromMs: effectiveFrom };
    await appendAudit(
      tx,
      { protocol, actor: 'job', action: 'proposal.execute', subject: id, details },
      nowMs,
    );
    await addToOutbox(tx, 'parameters.accepted', [{ protocol, proposal: id, ...details }], nowMs);
    await notify(tx, GOVERNANCE_CHANNEL, { protocol });
    return change(tx, id, { state: 'executed', closedAt: nowMs, effectiveFrom });
  });
}
