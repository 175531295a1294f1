import type { GovernancePolicy, MarketFreeze, PinnedConfiguration } from '../../db/queries/governance.ts';
import type {
  AccountImpact,
  ImpactSummary,
  ProposalApproval,
  StoredProposal,
} from '../../db/queries/proposals.ts';
import type { BufferView, MarketDefinition } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { PinnedModel } from './pinned-model.ts';

/** One parameter that a proposal changes, by its path; null on a side where there is none. */
export interface ParameterChange {
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** A proposal with the signatures it has. */
export interface ProposalView {
  readonly proposal: StoredProposal;
  readonly approvals: readonly ProposalApproval[];
  /** Against the parameters that it was made over; null where those are not known any more. */
  readonly changes: readonly ParameterChange[] | null;
}

/** A market of a protocol with what margins it. */
export interface MarketView {
  readonly market: MarketDefinition;
  readonly model: PinnedModel;
  /** null while the deployment's configuration is in force. */
  readonly configuration: PinnedConfiguration | null;
  /** Accepted, but in force later only. */
  readonly next: PinnedConfiguration | null;
  readonly freeze: MarketFreeze | null;
}

/** Requirements of one unit of a market at the mark, as shares of its value. */
export interface RatesView {
  readonly asOfMs: UnixMs;
  readonly priceWad: Wad;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
  readonly buffers: readonly BufferView[];
}

export interface ParametersView extends MarketView {
  /** null for a past moment, and while the market has no price that may be used for margin. */
  readonly rates: RatesView | null;
}

/** A decision about a published parameter, for the approvers of the hub. */
export type ChangeAsk = { readonly market: string; readonly updateType: string } & (
  | { readonly kind: 'parameter'; readonly valueWad: Wad }
  | { readonly kind: 'bounds'; readonly minWad: Wad; readonly maxWad: Wad }
);

/** The signatures of one signer: over the proposal, and over each of its decisions for the hub, in their order. */
export interface GivenApproval {
  readonly signature: string;
  readonly hubSignatures: readonly string[];
}

/** What a caller proposes: a module, a patch, decisions for the hub, or several of them. */
export interface ProposalAsk {
  readonly title: string;
  readonly module: { readonly id: string; readonly version: string } | null;
  /** Merge patch over the parameters in force, or over none when the module is another. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly onChain: readonly ChangeAsk[];
}

/** Which accounts of a shadow run are wanted: all, those whose status changes, who would newly be called, or be liquidated. */
export const SHADOW_SHOWS = ['all', 'changed', 'called', 'liquidated'] as const;

/** What a shadow run puts beside the model in force. */
export interface ShadowAsk {
  readonly module: { readonly id: string; readonly version: string };
  /** Merge patch over the parameters in force, or over none when the module is another. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly show: (typeof SHADOW_SHOWS)[number];
  /** After an account that changed by so much; null for the first. */
  readonly after: { readonly changeWad: Wad; readonly account: string } | null;
  readonly limit: number;
}

export interface ShadowView {
  readonly before: PinnedModel;
  readonly after: PinnedModel;
  readonly summary: ImpactSummary;
  /** Largest change of the initial requirement first; at most `limit`. */
  readonly accounts: readonly AccountImpact[];
}

/** Parameters of one protocol and how they change. All throw DatabaseUnavailableError. */
export interface GovernancePort {
  markets(protocol: string): Promise<readonly MarketView[]>;
  /** Of every market, now. */
  allParameters(protocol: string): Promise<readonly ParametersView[]>;
  /** `atMs` market time; null = now. @throws UnknownMarketError */
  parameters(protocol: string, market: string, atMs: UnixMs | null): Promise<ParametersView>;
  /** @throws UnknownMarketError, FreezeConflictError */
  freeze(protocol: string, market: string, reason: string, actor: string): Promise<MarketFreeze>;
  /** @throws UnknownMarketError, FreezeConflictError */
  unfreeze(protocol: string, market: string, actor: string): Promise<void>;
  policy(protocol: string): Promise<GovernancePolicy | null>;
  /** @throws GovernanceNotConfiguredError, OutOfBoundsError, InvalidInputError, ModuleNotFoundError, UnknownParameterLineError */
  propose(protocol: string, ask: ProposalAsk, actor: string): Promise<ProposalView>;
  proposals(
    protocol: string,
    page: {
      readonly before: { readonly createdAtMs: UnixMs; readonly id: string } | null;
      readonly limit: number;
    },
  ): Promise<readonly ProposalView[]>;
  /** @throws UnknownProposalError */
  proposal(protocol: string, id: string): Promise<ProposalView>;
  /** Per account, ascending by id. @throws UnknownProposalError */
  impact(
    protocol: string,
    id: string,
    page: { readonly after: string; readonly limit: number },
  ): Promise<readonly AccountImpact[]>;
  /** What a model would do to every account, now; nothing is stored. @throws ModuleNotFoundError, InvalidInputError, AnalysisTooLargeError, AnalysisBusyError */
  shadow(protocol: string, ask: ShadowAsk, signal: AbortSignal): Promise<ShadowView>;
  /** @throws UnknownProposalError, ProposalStateError, ApprovalRefusedError, DuplicateApprovalError, ChainUnavailableError */
  approve(protocol: string, id: string, given: GivenApproval, actor: string): Promise<ProposalView>;
  /** @throws UnknownProposalError, ProposalStateError */
  veto(protocol: string, id: string, reason: string, actor: string): Promise<ProposalView>;
}
