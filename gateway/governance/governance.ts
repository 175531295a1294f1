import type { Database } from '../../db/connection.ts';
import { addApproval, vetoProposal } from '../../db/queries/decide-proposal.ts';
import { freezeMarket, getPolicy, listConfigurations, unfreezeMarket } from '../../db/queries/governance.ts';
import { ApprovalRefusedError } from '../../db/queries/proposal-errors.ts';
import {
  getProposal,
  listApprovals,
  listImpacts,
  listProposals,
  type StoredProposal,
} from '../../db/queries/proposals.ts';
import type { MarketDefinition } from '../../risk/modules/module.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { UnknownMarketError } from '../app/errors.ts';
import type { EveryBook } from '../venues/every-book.ts';
import type { Configurations } from './configurations.ts';
import type { HubDecisions } from './hub-decisions.ts';
import type { MarginUnder } from './impact.ts';
import { changesOf } from './parameter-changes.ts';
import type { DeploymentModel } from './pinned-model.ts';
import type { GovernancePort, MarketView, ParametersView, ProposalView } from './port.ts';
import { propose } from './propose.ts';
import { ratesOf } from './rates.ts';
import { shadowRuns } from './shadow.ts';
import { recoverSigner, verifyHubSignatures } from './verify-approval.ts';

export interface GovernanceOptions {
  readonly database: Database;
  /** Every account of a protocol, for shadow runs. */
  readonly books: EveryBook;
  readonly configurations: Configurations;
  readonly deployment: DeploymentModel;
  readonly markets: ReadonlyMap<string, MarketDefinition>;
  readonly clock: Clock;
  readonly margin: MarginUnder;
  /** The same for many books: a market that stands still, and since when. */
  readonly still: () => { readonly asOfMs: UnixMs; readonly margin: MarginUnder };
  /** Robust price of a feed; null while there is none that may be used for margin. */
  readonly price: (feedId: string) => Wad | null;
  /** Where published parameters are decided; null or absent: nowhere. */
  readonly hub?: HubDecisions | null;
}

/** Governance over the database. */
export function databaseGovernance(options: GovernanceOptions): GovernancePort {
  const { database, configurations, deployment, markets, clock, margin, price } = options;

  const viewOf = (protocol: string, market: MarketDefinition, atMs: UnixMs): MarketView => {
    const configuration = configurations.inForce(protocol, atMs);
    const latest = configurations.latest(protocol);
    return {
      market,
      model: configuration?.model ?? deployment,
      configuration,
      next: latest !== null && latest.effectiveFromMs > atMs ? latest : null,
      freeze: configurations.freeze(protocol, market.id),
    };
  };
  const parametersNow = async (
    protocol: string,
    market: MarketDefinition,
    nowMs: UnixMs,
  ): Promise<ParametersView> => {
    const found = viewOf(protocol, market, nowMs);
    const priceWad = price(market.feedId);
    if (priceWad === null) return { ...found, rates: null };
    const { model } = found;
    return { ...found, rates: await ratesOf({ protocol, market, model, priceWad, asOfMs: nowMs, margin }) };
  };
  const listed = (id: string): MarketDefinition => {
    const market = markets.get(id);
    if (market === undefined) throw new UnknownMarketError(id);
    return market;
  };
  const withApprovals = async (found: readonly StoredProposal[]): Promise<ProposalView[]> => {
    const approvals = await listApprovals(
      database.orm,
      found.map(({ id }) => id),
    );
    const [first] = found;
    if (first === undefined) return [];
    const changes = changesOf(deployment, await listConfigurations(database.orm, first.protocol));
    return found.map((proposal) => ({
      proposal,
      approvals: approvals.get(proposal.id) ?? [],
      changes: changes(proposal),
    }));
  };
  const view = async (proposal: StoredProposal): Promise<ProposalView> =>
    (await withApprovals([proposal]))[0]!;

  const shadow = shadowRuns(options);

  return {
    shadow,
    markets: async (protocol) =>
      [...markets.values()].map((market) => viewOf(protocol, market, clock.nowMs())),
    async allParameters(protocol) {
      const nowMs = clock.nowMs();
      const found: ParametersView[] = [];
      for (const market of markets.values()) found.push(await parametersNow(protocol, market, nowMs));
      return found;
    },
    async parameters(protocol, id, atMs) {
      const market = listed(id);
      if (atMs === null) return parametersNow(protocol, market, clock.nowMs());
      return { ...viewOf(protocol, market, atMs), rates: null };
    },
    async freeze(protocol, market, reason, actor) {
      listed(market);
      const frozen = await freezeMarket(database, { protocol, market, reason }, actor);
      await configurations.reload();
      return frozen;
    },
    async unfreeze(protocol, market, actor) {
      listed(market);
      await unfreezeMarket(database, { protocol, market }, actor);
      await configurations.reload();
    },
    policy: (protocol) => getPolicy(database.orm, protocol),
    propose: async (protocol, ask, actor) => view(await propose(options, protocol, ask, actor)),
    proposals: async (protocol, page) => withApprovals(await listProposals(database.orm, protocol, page)),
    proposal: async (protocol, id) => view(await getProposal(database.orm, protocol, id)),
    async impact(protocol, id, page) {
      await getProposal(database.orm, protocol, id);
      return listImpacts(database.orm, id, page);
    },
    async approve(protocol, id, { signature, hubSignatures }, actor) {
      const proposal = await getProposal(database.orm, protocol, id);
      const signer = await recoverSigner(proposal, signature);
      await verifyHubSignatures(proposal, signer, hubSignatures);
      if (hubSignatures.length > 0 && !(await options.hub?.isApprover(signer))) {
        throw new ApprovalRefusedError(`${signer} is not an approver of the hub`);
      }
      const approval = { protocol, id, signer, signature, hubSignatures };
      return view(await addApproval(database, approval, actor));
    },
    veto: async (protocol, id, reason, actor) =>
      view(await vetoProposal(database, { protocol, id, reason }, actor)),
  };
}
