import type { Database } from '../../db/connection.ts';
import { latestConfiguration } from '../../db/queries/governance.ts';
import type { ProposalOnChain } from '../../db/queries/proposal-on-chain.ts';
import type { StoredProposal } from '../../db/queries/proposals.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { EveryBook } from '../venues/every-book.ts';
import { changesOnChain } from './changes-on-chain.ts';
import type { HubDecisions } from './hub-decisions.ts';
import { type Impact, impactOf, type MarginUnder } from './impact.ts';
import { type PinnedModel, pinnedModel } from './pinned-model.ts';
import type { RatesView } from './port.ts';

/** What a proposal does to every account and on chain, against the last accepted configuration of its protocol. */
export async function assessProposal(options: {
  readonly database: Database;
  readonly books: EveryBook;
  readonly proposal: StoredProposal;
  readonly deployment: PinnedModel;
  readonly margin: MarginUnder;
  readonly asOfMs: UnixMs;
  readonly signal: AbortSignal;
  /** Where its changes go on chain; null or absent: nowhere. */
  readonly onChain?: {
    readonly hub: HubDecisions;
    rates(protocol: string, market: string, model: PinnedModel): Promise<RatesView | null>;
  } | null;
}): Promise<Impact & { readonly onChain: ProposalOnChain | null }> {
  const { database, books, proposal, deployment, margin, asOfMs, signal } = options;
  const { protocol, moduleId, moduleVersion, parameters } = proposal;
  const latest = await latestConfiguration(database.orm, protocol);
  const before =
    latest === null ? deployment : pinnedModel(latest.moduleId, latest.moduleVersion, latest.parameters);
  const after = pinnedModel(moduleId, moduleVersion, parameters);
  const impact = await impactOf({ books, protocol, before, after, margin, asOfMs, signal });
  const onChain =
    options.onChain == null ? null : await changesOnChain({ ...options.onChain, proposal, before, after });
  return { ...impact, onChain };
}
