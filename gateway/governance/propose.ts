import { randomBytes } from 'node:crypto';
import type { Database } from '../../db/connection.ts';
import { getPolicy, latestConfiguration } from '../../db/queries/governance.ts';
import { createProposal, type StoredProposal } from '../../db/queries/proposals.ts';
import type { MarketDefinition } from '../../risk/modules/module.ts';
import { boundIssues } from './bounds.ts';
import { askedOnChain } from './changes-on-chain.ts';
import { GovernanceNotConfiguredError, OutOfBoundsError } from './errors.ts';
import type { HubDecisions } from './hub-decisions.ts';
import { boundedParameters, lendingOf, requireLent } from './lending-overrides.ts';
import { mergePatch } from './merge-patch.ts';
import { type DeploymentModel, pinnedModel } from './pinned-model.ts';
import type { ProposalAsk } from './port.ts';

/**
 * Checks a change against the module's own schema and the policy's bounds, and stores it; a job then computes its impact
 * and opens it for approvals. It is made over the last accepted configuration and stands only while that is the last.
 * @throws GovernanceNotConfiguredError, OutOfBoundsError, InvalidInputError, ModuleNotFoundError, UnknownParameterLineError
 */
export async function propose(
  options: {
    readonly database: Database;
    readonly deployment: DeploymentModel;
    /** Lent or not: what of them may be set. */
    readonly markets: ReadonlyMap<string, MarketDefinition>;
    readonly hub?: HubDecisions | null;
  },
  protocol: string,
  ask: ProposalAsk,
  actor: string,
): Promise<StoredProposal> {
  const { database, deployment, markets, hub = null } = options;
  const policy = await getPolicy(database.orm, protocol);
  if (policy === null) throw new GovernanceNotConfiguredError(protocol);
  const latest = await latestConfiguration(database.orm, protocol);
  const base =
    latest === null ? deployment : pinnedModel(latest.moduleId, latest.moduleVersion, latest.parameters);
  const given = latest?.parameters ?? deployment.given;
  const { id, version } = ask.module ?? base.module;
  // the terms of lending are the protocol's, whatever module margins it
  const start = id === base.module.id ? given : lendingOf(given);
  const parameters = mergePatch(start, ask.parameters) as Readonly<Record<string, unknown>>;
  const next = pinnedModel(id, version, parameters);
  requireLent(next.lending ?? null, markets);
  const onChain = askedOnChain(hub, protocol, ask.onChain);
  if (next.parametersHash === base.parametersHash && onChain === null) {
    throw new OutOfBoundsError([{ field: 'parameters', message: 'change nothing' }]);
  }
  const issues = boundIssues(
    boundedParameters(base, markets),
    boundedParameters(next, markets),
    policy.bounds,
  );
  if (issues.length > 0) throw new OutOfBoundsError(issues);
  const { bounds: _bounds, ...deciding } = policy;
  // Whole seconds: the deadline is signed as such.
  const nowSeconds = Math.floor(Date.now() / 1000);
  return createProposal(database, {
    id: `0x${randomBytes(32).toString('hex')}`,
    protocol,
    title: ask.title,
    moduleId: id,
    moduleVersion: version,
    parameters,
    parametersHash: next.parametersHash,
    baseHash: base.parametersHash,
    policy: deciding,
    onChain,
    createdBy: actor,
    deadlineMs: (nowSeconds + policy.approvalSeconds) * 1000,
  });
}
