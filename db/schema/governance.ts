import { sql } from 'drizzle-orm';
import { bigint, boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { exactJson, unixMs, wad } from './types.ts';

/** Who decides for a protocol, and within which limits. */
export const governancePolicies = pgTable('governance_policies', {
  protocol: text().primaryKey(),
  /** Lower-case addresses. */
  signers: text().array().notNull(),
  threshold: integer().notNull(),
  timeLockSeconds: integer('time_lock_seconds').notNull(),
  noticeSeconds: integer('notice_seconds').notNull(),
  approvalSeconds: integer('approval_seconds').notNull(),
  chainId: bigint('chain_id', { mode: 'number' }).notNull(),
  verifyingContract: text('verifying_contract').notNull(),
  bounds: exactJson().notNull(),
  updatedAt: unixMs('updated_at').notNull(),
});

/** Module and parameters of a protocol, one row per accepted change; before the first the deployment's are in force. */
export const riskConfigurations = pgTable(
  'risk_configurations',
  {
    protocol: text().notNull(),
    version: integer().notNull(),
    moduleId: text('module_id').notNull(),
    moduleVersion: text('module_version').notNull(),
    /** As given, before defaults. */
    parameters: exactJson().notNull(),
    parametersHash: text('parameters_hash').notNull(),
    /** Market time. */
    effectiveFrom: unixMs('effective_from').notNull(),
    proposal: text().notNull().unique(),
    createdAt: unixMs('created_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.protocol, table.version] })],
);

/** Proposed changes and how far they got. Times are wall time, effective_from is market time. */
export const proposals = pgTable(
  'proposals',
  {
    /** 32 random bytes as 0x hex. */
    id: text().primaryKey(),
    protocol: text().notNull(),
    title: text().notNull(),
    moduleId: text('module_id').notNull(),
    moduleVersion: text('module_version').notNull(),
    parameters: exactJson().notNull(),
    parametersHash: text('parameters_hash').notNull(),
    /** Hash of the parameters that it changes: executed only while they are the latest. */
    baseHash: text('base_hash').notNull(),
    /** The policy as it was when the proposal was made. */
    policy: exactJson().notNull(),
    state: text().notNull(),
    /** The forecast's own, which needs no approvals: inside the bounds that the hub's approvers gave the gateway's key. */
    autonomous: boolean().notNull().default(false),
    /** The market whose forecast moved; null for what a caller proposed. */
    market: text(),
    /** Why what a forecast asks for needs approvals all the same. */
    refusal: text(),
    /** What it changes on chain, with what approvers of the hub sign; null: nothing. */
    onChain: exactJson('on_chain'),
    createdBy: text('created_by').notNull(),
    createdAt: unixMs('created_at').notNull(),
    deadline: unixMs().notNull(),
    impact: exactJson(),
    approvedAt: unixMs('approved_at'),
    executableAt: unixMs('executable_at'),
    closedAt: unixMs('closed_at'),
    closedReason: text('closed_reason'),
    effectiveFrom: unixMs('effective_from'),
    /** Id of the HTTP request whose approval was the last it needed; null until then. */
    cause: text(),
  },
  (table) => [
    index('proposals_by_protocol').on(table.protocol, table.createdAt, table.id),
    index('proposals_by_state').on(table.state),
    index('proposals_of_forecasts')
      .on(table.protocol, table.market, table.createdAt)
      .where(sql`${table.market} is not null`),
  ],
);

/** Verified signatures; one per signer and proposal. */
export const proposalApprovals = pgTable(
  'proposal_approvals',
  {
    proposal: text().notNull(),
    signer: text().notNull(),
    signature: text().notNull(),
    /** Of the same signer over what the proposal changes on chain, in the order of its changes. */
    hubSignatures: text('hub_signatures').array().notNull().default([]),
    at: unixMs().notNull(),
  },
  (table) => [primaryKey({ columns: [table.proposal, table.signer] })],
);

/** What a proposal would do to each account, as of one market time. */
export const proposalImpacts = pgTable(
  'proposal_impacts',
  {
    proposal: text().notNull(),
    account: text().notNull(),
    statusBefore: text('status_before').notNull(),
    statusAfter: text('status_after').notNull(),
    initialBeforeWad: wad('initial_before_wad').notNull(),
    initialAfterWad: wad('initial_after_wad').notNull(),
    maintenanceBeforeWad: wad('maintenance_before_wad').notNull(),
    maintenanceAfterWad: wad('maintenance_after_wad').notNull(),
    netInitialAfterWad: wad('net_initial_after_wad').notNull(),
    netMaintenanceAfterWad: wad('net_maintenance_after_wad').notNull(),
  },
  (table) => [primaryKey({ columns: [table.proposal, table.account] })],
);

/** Markets stopped by a person; a lifted freeze has no row. */
export const marketFreezes = pgTable(
  'market_freezes',
  {
    protocol: text().notNull(),
    market: text().notNull(),
    reason: text().notNull(),
    frozenBy: text('frozen_by').notNull(),
    frozenAt: unixMs('frozen_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.protocol, table.market] })],
);
