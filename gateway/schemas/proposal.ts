import { z } from '@hono/zod-openapi';
import type { AccountImpact, ImpactSummary } from '../../db/queries/proposals.ts';
import { wadToDecimal } from '../../risk/units/wad.ts';
import type { ProposalAsk, ProposalView } from '../governance/port.ts';
import { typedDataOf } from '../governance/verify-approval.ts';
import { amount, identifier, iso, orNull, timestamp } from './common.ts';
import { nextCursorField } from './page.ts';
import { askedChange, changeAsk, onChainDto, onChainSchema, plainTypedData } from './proposal-on-chain.ts';

const proposalId = z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits');

export const proposalParams = z.strictObject({
  id: proposalId.openapi({ param: { name: 'id', in: 'path' }, example: `0x${'ab'.repeat(32)}` }),
});

const jsonObject = z.record(z.string(), z.unknown());

export const proposeBody = z
  .strictObject({
    title: z.string().min(3).max(200),
    module: z
      .strictObject({ id: identifier, version: identifier })
      .nullable()
      .default(null)
      .openapi({ description: 'Module to move to; null keeps the present one.' }),
    parameters: jsonObject.default({}).openapi({
      description:
        'Merge patch (RFC 7396) over the last accepted parameters; null puts a parameter back to its default.',
      example: { perp: { initial: 0.08 } },
    }),
    onChain: z
      .array(changeAsk)
      .max(32)
      .default([])
      .openapi({
        description:
          'Decisions for the approvers of RiskHub beside the published rates that `parameters` change, which the gateway ' +
          'finds itself.',
      }),
  })
  .openapi('Propose');

export const proposalAsk = ({ onChain, ...ask }: z.output<typeof proposeBody>): ProposalAsk => ({
  ...ask,
  onChain: onChain.map(askedChange),
});

export const approvalBody = z
  .strictObject({
    signature: z
      .string()
      .regex(/^0x[0-9a-fA-F]{130}$/, 'must be 0x and 65 bytes in hex')
      .openapi({ description: 'EIP-712 signature over `typedData` of the proposal.' }),
    hubSignatures: z
      .array(z.string().regex(/^0x[0-9a-fA-F]{130}$/, 'must be 0x and 65 bytes in hex'))
      .max(64)
      .default([])
      .openapi({
        description:
          'Of the same signer over `typedData` of each change in `onChain`, in their order; RiskHub checks them.',
      }),
  })
  .openapi('ApproveProposal');

export const vetoBody = z.strictObject({ reason: z.string().min(3).max(500) }).openapi('VetoProposal');

const impactFields = {
  asOf: timestamp,
  accounts: z.int(),
  statusChanges: z.record(z.string(), z.int()).openapi({ description: '`before -> after`, how many.' }),
  newlyCalled: z.int(),
  newlyLiquidatable: z.int(),
  raised: z.int().openapi({ description: 'Accounts whose initial requirement rises.' }),
  lowered: z.int(),
  unknown: z.int().openapi({ description: 'Accounts that cannot be valued, before or after.' }),
  initialBefore: amount,
  initialAfter: amount,
  maintenanceBefore: amount,
  maintenanceAfter: amount,
};
export const impactSchema = z.object(impactFields).openapi('ProposalImpact');

export const proposalSchema = z
  .object({
    id: z.string(),
    title: z.string(),
    state: z.enum(['assessing', 'open', 'approved', 'executed', 'vetoed', 'expired', 'superseded']),
    moduleId: z.string(),
    moduleVersion: z.string(),
    parameters: jsonObject,
    parametersHash: z.string(),
    baseParametersHash: z.string(),
    changes: orNull(
      z.array(
        z
          .object({
            path: z.string().openapi({ example: 'perp.initial' }),
            before: z.unknown().openapi({ description: 'null where the parameter is new.' }),
            after: z.unknown().openapi({ description: 'null where the parameter is gone.' }),
          })
          .openapi('ParameterChange'),
      ),
      'Each parameter that is another than in what it was made over; null where that is not known any more.',
    ),
    createdBy: z.string(),
    createdAt: timestamp,
    deadline: timestamp,
    threshold: z.int().openapi({ description: 'Approvals that it needs; the hub may ask for more.' }),
    autonomous: z.boolean().openapi({
      description:
        "The forecast's own, inside the bounds that the hub's approvers gave the gateway: nobody needs to approve it.",
    }),
    market: orNull(z.string(), 'The market whose forecast moved; null for what a caller proposed.'),
    refusal: orNull(z.string(), 'Why what a forecast asks for needs approvals all the same.'),
    approvals: z.array(
      z.object({
        signer: z.string(),
        signature: z.string(),
        hubSignatures: z.array(z.string()),
        at: timestamp,
      }),
    ),
    impact: orNull(
      impactSchema,
      'null while it is computed, until when nobody can approve, and for an autonomous one, which changes no parameters.',
    ),
    onChain: orNull(
      onChainSchema,
      'What it changes on chain; null: nothing, or not known while it is assessed.',
    ),
    approvedAt: timestamp.nullable(),
    executableAt: timestamp.nullable().openapi({ description: 'End of the time lock, wall time.' }),
    closedAt: timestamp.nullable(),
    closedReason: z.string().nullable(),
    effectiveFrom: timestamp.nullable().openapi({ description: 'Market time; known when executed.' }),
    typedData: jsonObject.openapi({ description: 'What a signer signs (EIP-712); integers as strings.' }),
  })
  .openapi('Proposal');

export const proposalListSchema = z
  .object({ proposals: z.array(proposalSchema), nextCursor: nextCursorField })
  .openapi('ProposalList');

export const accountImpactFields = {
  accountId: z.string(),
  statusBefore: z.string(),
  statusAfter: z.string(),
  initialBefore: amount,
  initialAfter: amount,
  maintenanceBefore: amount,
  maintenanceAfter: amount,
  netInitialAfter: amount,
  netMaintenanceAfter: amount,
};
const accountImpactSchema = z.object(accountImpactFields).openapi('AccountImpact');

export const impactListSchema = z
  .object({ accounts: z.array(accountImpactSchema), nextCursor: nextCursorField })
  .openapi('ProposalImpactList');

const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms));

export function impactDto({ asOfMs, statusChanges, ...rest }: ImpactSummary): z.infer<typeof impactSchema> {
  return { asOf: iso(asOfMs), statusChanges: { ...statusChanges }, ...rest };
}

export function proposalDto(view: ProposalView): z.infer<typeof proposalSchema> {
  const { proposal, approvals, changes } = view;
  return {
    id: proposal.id,
    title: proposal.title,
    state: proposal.state,
    moduleId: proposal.moduleId,
    moduleVersion: proposal.moduleVersion,
    parameters: { ...proposal.parameters },
    parametersHash: proposal.parametersHash,
    baseParametersHash: proposal.baseHash,
    changes: changes === null ? null : changes.map((change) => ({ ...change })),
    createdBy: proposal.createdBy,
    createdAt: iso(proposal.createdAtMs),
    deadline: iso(proposal.deadlineMs),
    threshold: proposal.policy.threshold,
    autonomous: proposal.autonomous,
    market: proposal.market,
    refusal: proposal.refusal,
    approvals: approvals.map(({ signer, signature, hubSignatures, atMs }) => ({
      ...{ signer, signature, hubSignatures: [...hubSignatures] },
      at: iso(atMs),
    })),
    onChain: proposal.onChain === null ? null : onChainDto(proposal.onChain),
    impact: proposal.impact === null ? null : impactDto(proposal.impact),
    approvedAt: isoOrNull(proposal.approvedAtMs),
    executableAt: isoOrNull(proposal.executableAtMs),
    closedAt: isoOrNull(proposal.closedAtMs),
    closedReason: proposal.closedReason,
    effectiveFrom: isoOrNull(proposal.effectiveFromMs),
    typedData: plainTypedData(typedDataOf(proposal)),
  };
}

export function accountImpactDto(row: AccountImpact): z.infer<typeof accountImpactSchema> {
  return {
    accountId: row.account,
    statusBefore: row.statusBefore,
    statusAfter: row.statusAfter,
    initialBefore: wadToDecimal(row.initialBeforeWad),
    initialAfter: wadToDecimal(row.initialAfterWad),
    maintenanceBefore: wadToDecimal(row.maintenanceBeforeWad),
    maintenanceAfter: wadToDecimal(row.maintenanceAfterWad),
    netInitialAfter: wadToDecimal(row.netInitialAfterWad),
    netMaintenanceAfter: wadToDecimal(row.netMaintenanceAfterWad),
  };
}
