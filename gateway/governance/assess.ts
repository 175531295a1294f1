import type { Database } from '../../db/connection.ts';
import { latestConfiguration } from '../../db/queries/governance.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { type Impact, impactOf, type MarginUnder } from './impact.ts';
import { type PinnedModel, pinnedModel } from './pinned-model.ts';

/** What a proposal does to every account, against the last accepted configuration of its protocol. */
export async function assessProposal(options: {
  readonly database: Database;
  readonly proposal: StoredProposal;
  readonly deployment: PinnedModel;
  readonly margin: MarginUnder;
  readonly asOfMs: UnixMs;
  readonly signal: AbortSignal;
}): Promise<Impact> {
  const { database, proposal, deployment, margin, asOfMs, signal } = options;
  const { protocol, moduleId, moduleVersion, parameters } = proposal;
  const latest = await latestConfiguration(database.orm, protocol);
  const before =
    latest === null ? deployment : pinnedModel(latest.moduleId, latest.moduleVersion, latest.parameters);
  const after = pinnedModel(moduleId, moduleVersion, parameters);
  return impactOf({ database, protocol, before, after, margin, asOfMs, signal });
}
