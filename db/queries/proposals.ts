import { and, asc, desc, eq, gt, inArray, lte, or, sql } from 'drizzle-orm';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Database, Orm } from '../connection.ts';
import { withDatabaseErrors } from '../errors.ts';
import { proposalApprovals, proposalImpacts, proposals } from '../schema/governance.ts';
import { appendAudit } from './audit.ts';
import type { GovernancePolicy } from './governance.ts';
import { UnknownProposalError } from './proposal-errors.ts';
import type { ProposalOnChain } from './proposal-on-chain.ts';

/**
 * assessing: its impact is being computed. open: waits for approvals. approved: the time lock runs. executed, vetoed,
 * expired (not approved in time), superseded (its base is no longer the latest): final.
 */
export type ProposalState =
  | 'assessing'
  | 'open'
  | 'approved'
  | 'executed'
  | 'vetoed'
  | 'expired'
  | 'superseded';

/** The part of a policy under which a proposal was made. */
export type ProposalPolicy = Omit<GovernancePolicy, 'bounds'>;

/** Totals over the accounts, in the quote asset as decimal strings; single accounts are in `proposal_impacts`. */
export interface ImpactSummary {
  /** Market time. */
  readonly asOfMs: UnixMs;
  readonly accounts: number;
  /** Accounts by `before -> after`, where the status changes. */
  readonly statusChanges: Readonly<Record<string, number>>;
  readonly newlyCalled: number;
  readonly newlyLiquidatable: number;
  readonly raised: number;
  readonly lowered: number;
  /** Accounts with a position that cannot be valued under one of the two. */
  readonly unknown: number;
  readonly initialBefore: string;
  readonly initialAfter: string;
  readonly maintenanceBefore: string;
  readonly maintenanceAfter: string;
}

export type AccountImpact = Omit<typeof proposalImpacts.$inferSelect, 'proposal'>;

export interface ProposalApproval {
  readonly signer: string;
  readonly signature: string;
  /** Of the same signer, one per change on chain that approvers of the hub decide. */
  readonly hubSignatures: readonly string[];
  /** Wall time. */
  readonly atMs: UnixMs;
}

export interface StoredProposal {
  readonly id: string;
  readonly protocol: string;
  readonly title: string;
  readonly moduleId: string;
  readonly moduleVersion: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly parametersHash: string;
  readonly baseHash: string;
  readonly policy: ProposalPolicy;
  readonly state: ProposalState;
  /** The forecast's own: it needs no approvals. */
  readonly autonomous: boolean;
  /** The market whose forecast moved; null for what a caller proposed. */
  readonly market: string | null;
  /** Why what a forecast asks for needs approvals all the same. */
  readonly refusal: string | null;
  readonly onChain: ProposalOnChain | null;
  readonly createdBy: string;
  readonly createdAtMs: UnixMs;
  readonly deadlineMs: UnixMs;
  readonly impact: ImpactSummary | null;
  readonly approvedAtMs: UnixMs | null;
  readonly executableAtMs: UnixMs | null;
  readonly closedAtMs: UnixMs | null;
  readonly closedReason: string | null;
  /** Market time; known when it is executed. */
  readonly effectiveFromMs: UnixMs | null;
  /** Id of the HTTP request whose approval was the last it needed; null until then. */
  readonly cause: string | null;
}

type Row = typeof proposals.$inferSelect;

export function proposalFromRow(row: Row): StoredProposal {
  const { createdAt, deadline, approvedAt, executableAt, closedAt, effectiveFrom, ...rest } = row;
  return {
    ...rest,
    parameters: rest.parameters as StoredProposal['parameters'],
    policy: rest.policy as ProposalPolicy,
    state: rest.state as ProposalState,
    impact: rest.impact as ImpactSummary | null,
    onChain: rest.onChain as ProposalOnChain | null,
    createdAtMs: createdAt,
    deadlineMs: deadline,
    approvedAtMs: approvedAt,
    executableAtMs: executableAt,
    closedAtMs: closedAt,
    effectiveFromMs: effectiveFrom,
  };
}

export type NewProposal = Pick<
  StoredProposal,
  | 'id'
  | 'protocol'
  | 'title'
  | 'moduleId'
  | 'moduleVersion'
  | 'parameters'
  | 'parametersHash'
  | 'baseHash'
  | 'policy'
  | 'createdBy'
  | 'deadlineMs'
  | 'onChain'
>;

/** Stores a proposal whose impact is still to be computed. @throws DatabaseUnavailableError */
export function createProposal(database: Database, made: NewProposal): Promise<StoredProposal> {
  return database.transaction(async (tx) => {
    const { deadlineMs, ...row } = made;
    const rows = await tx
      .insert(proposals)
      .values({ ...row, state: 'assessing', createdAt: Date.now(), deadline: deadlineMs })
      .returning();
    const { id, protocol, createdBy: actor, title, moduleId, moduleVersion, parametersHash, baseHash } = made;
    const details = { title, moduleId, moduleVersion, parametersHash, baseHash };
    await appendAudit(tx, { protocol, actor, action: 'proposal.create', subject: id, details });
    return proposalFromRow(rows[0]!);
  });
}

/** A proposal of a protocol. @throws UnknownProposalError, DatabaseUnavailableError */
export async function getProposal(orm: Orm, protocol: string, id: string): Promise<StoredProposal> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(proposals)
      .where(and(eq(proposals.id, id), eq(proposals.protocol, protocol))),
  );
  if (rows[0] === undefined) throw new UnknownProposalError(id);
  return proposalFromRow(rows[0]);
}

/** The same, locked until the transaction ends. @throws UnknownProposalError */
export async function lockProposal(tx: Orm, protocol: string | null, id: string): Promise<StoredProposal> {
  const own = protocol === null ? undefined : eq(proposals.protocol, protocol);
  const rows = await tx
    .select()
    .from(proposals)
    .where(and(eq(proposals.id, id), own))
    .for('update');
  if (rows[0] === undefined) throw new UnknownProposalError(id);
  return proposalFromRow(rows[0]);
}

/** The order of every list of proposals; also of those of the same millisecond. */
export const NEWEST_FIRST = [desc(proposals.createdAt), desc(proposals.id)] as const;

/** Proposals of a protocol, newest first. @throws DatabaseUnavailableError */
export async function listProposals(
  orm: Orm,
  protocol: string,
  page: {
    readonly before: { readonly createdAtMs: UnixMs; readonly id: string } | null;
    readonly limit: number;
  },
): Promise<readonly StoredProposal[]> {
  const { before } = page;
  const at = before === null ? '' : new Date(before.createdAtMs).toISOString();
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(proposals)
      .where(
        and(
          eq(proposals.protocol, protocol),
          before === null
            ? undefined
            : sql`(${proposals.createdAt}, ${proposals.id}) < (${at}::timestamptz, ${before.id})`,
        ),
      )
      .orderBy(...NEWEST_FIRST)
      .limit(page.limit),
  );
  return rows.map(proposalFromRow);
}

/** Approvals of proposals, oldest first. @throws DatabaseUnavailableError */
export async function listApprovals(
  orm: Orm,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly ProposalApproval[]>> {
  const found = new Map<string, ProposalApproval[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return found;
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(proposalApprovals)
      .where(inArray(proposalApprovals.proposal, [...ids]))
      .orderBy(asc(proposalApprovals.at), asc(proposalApprovals.signer)),
  );
  for (const { proposal, at, ...rest } of rows) found.get(proposal)?.push({ ...rest, atMs: at });
  return found;
}

/** What a proposal does to accounts, ascending by account id. @throws DatabaseUnavailableError */
export async function listImpacts(
  orm: Orm,
  proposal: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly AccountImpact[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(proposalImpacts)
      .where(and(eq(proposalImpacts.proposal, proposal), gt(proposalImpacts.account, page.after)))
      .orderBy(asc(proposalImpacts.account))
      .limit(page.limit),
  );
  return rows.map(({ proposal: _proposal, ...row }) => row);
}

/** Proposals for which a job has something to do at this wall time, oldest first. @throws DatabaseUnavailableError */
export async function dueProposals(orm: Orm, nowMs: UnixMs): Promise<readonly StoredProposal[]> {
  const rows = await withDatabaseErrors(() =>
    orm
      .select()
      .from(proposals)
      .where(
        or(
          eq(proposals.state, 'assessing'),
          and(eq(proposals.state, 'open'), lte(proposals.deadline, nowMs)),
          and(eq(proposals.state, 'approved'), lte(proposals.executableAt, nowMs)),
        ),
      )
      .orderBy(asc(proposals.createdAt))
      .limit(50),
  );
  return rows.map(proposalFromRow);
}
