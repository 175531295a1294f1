import type { AccountHealth } from '../../db/queries/account-health.ts';
import type { IssuedForecast } from '../../db/queries/issued-forecasts.ts';
import type { listPricePoints, PricePoint } from '../../db/queries/price-history.ts';
import type { VolatilityForecast } from '../../models/forecast.ts';
import type { AlarmEvent } from '../../oracles/book/alarm-log.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { Move } from '../../risk/cross-chain/across.ts';
import type { VolatilityView } from '../../risk/market/market-data.ts';
import type { MarginResult, MarginStatus, RiskModule } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { PredictedMargin } from '../../risk/predicted/predict.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import type { AttestationsPort } from '../attestations/port.ts';
import type { HeldBook } from '../attestations/reserved.ts';
import type { NettingAnswer } from '../consents/netting-answer.ts';
import type { AnalysisAsk, AnalysisResults, Betas, Side } from '../engine/analysis-results.ts';
import type { ChangesView } from '../engine/changes.ts';
import type { Listing } from '../engine/instruments.ts';
import type { StepChange } from '../engine/margin-difference.ts';
import type { ModuleRef } from '../engine/risk-configuration.ts';
import type { StoredVenueData } from '../engine/venue-data.ts';
import type { EventsPort } from '../stream/event.ts';
import type { OnChains } from '../venues/on-chains.ts';
import type { OperationsPort } from './operations-port.ts';
import type { TenancyPorts } from './tenancy-ports.ts';

/** Latest robust prices, in memory. */
export interface PricesPort {
  ids(): readonly string[];
  /** @throws UnknownFeedError */
  get(feedId: string): RobustPrice;
  /** How long after `asOfMs` a price may be called current. */
  readonly validForMs: number;
  /** The stored price in force at a past market time, null when none is kept. @throws UnknownFeedError */
  at?(feedId: string, atMs: UnixMs): Promise<RobustPrice | null>;
  /** Stored prices without their evidence, ascending (db/queries/price-history.ts). */
  history?(feedId: string, range: Parameters<typeof listPricePoints>[2]): Promise<readonly PricePoint[]>;
  /** Calls the listener when a guard begins to bind and when it has stopped. @returns a function that ends that. */
  onAlarm?(listener: (event: AlarmEvent) => void): () => void;
}

/** Latest volatility forecasts, in memory. */
export interface ForecastsPort {
  assets(): readonly string[];
  /** All horizons known now; empty before the first refresh. @throws UnknownAssetError */
  get(asset: string): readonly VolatilityForecast[];
  /** How long after its decision time a forecast may be called current. */
  readonly validForMs: number;
  /** The stored forecasts in force at a past market time, by horizon; none when nothing is kept. @throws UnknownAssetError */
  at?(asset: string, atMs: UnixMs): Promise<readonly VolatilityForecast[]>;
  /** What was issued for 24 h in a span of market time, of all assets, by asset and oldest first. @throws DatabaseUnavailableError */
  issued?(span: { readonly fromMs: UnixMs; readonly toMs: UnixMs }): Promise<readonly IssuedForecast[]>;
}

/** The standard modules; a version never changes. */
export interface ModulesPort {
  list(): readonly RiskModule<unknown>[];
  /** @throws ModuleNotFoundError of risk/modules/registry.ts */
  get(id: string, version: string): RiskModule<unknown>;
}

/** One account's book as last stored. */
export interface StoredAccount {
  readonly protocol: string;
  readonly accountId: string;
  /** Sequence number of the update that wrote the book; at most 2^53-1. */
  readonly sequence: bigint;
  readonly portfolio: AnyPortfolio;
  /** Wall time at which the update was acknowledged. */
  readonly updatedAtMs: UnixMs;
}

/** Place in a list of accounts; `rank` counts where the list is by health. */
export interface AccountPlace {
  readonly accountId: string;
  readonly rank: string | null;
}

export interface AccountSummary extends AccountPlace {
  readonly sequence: bigint;
  readonly positionCount: number;
  readonly updatedAtMs: UnixMs;
  /** What the last sweep found; null before the first. */
  readonly health: AccountHealth | null;
}

export interface PutPositionsInput {
  readonly protocol: string;
  readonly accountId: string;
  readonly sequence: bigint;
  /** Replaces the whole book of the account. */
  readonly portfolio: AnyPortfolio;
  /** Key of the `Idempotency-Key` header, scoped to the protocol; null when the caller sent none. */
  readonly idempotencyKey: string | null;
}

export interface PutPositionsResult {
  readonly sequence: bigint;
  /** True when this very update was stored before and nothing changed. */
  readonly replayed: boolean;
  readonly acceptedAtMs: UnixMs;
}

/** Books of accounts, kept apart by protocol. */
export interface AccountsPort {
  /**
   * Stores a newer book, answers a repeat of the stored one with `replayed`, refuses the rest.
   * @throws SequenceConflictError, IdempotencyKeyConflictError, DatabaseUnavailableError of db/errors.ts
   */
  putPositions(input: PutPositionsInput): Promise<PutPositionsResult>;
  /** @throws UnknownAccountError also for an account of another protocol. */
  get(protocol: string, accountId: string): Promise<StoredAccount>;
  /** Ascending by account id, or the least healthy first; those after `after` only; at most `limit`. */
  list(
    protocol: string,
    page: {
      readonly status: MarginStatus | null;
      readonly order: 'id' | 'health';
      readonly after: AccountPlace | null;
      readonly limit: number;
    },
  ): Promise<readonly AccountSummary[]>;
}

/** What every risk answer is based on; the app makes the envelope from it. */
export interface RiskBasis {
  /** Time of the market snapshot that was used. */
  readonly asOfMs: UnixMs;
  /** Until when the answer may be acted on. */
  readonly validUntilMs: UnixMs;
  /** The prices of every feed that the module required, in the order of the requirements. */
  readonly prices: readonly RobustPrice[];
  /** Feeds that the module required and for which there is nothing at all. */
  readonly missingFeeds: readonly string[];
  /** The forecasts that the module could read. */
  readonly volatility: readonly VolatilityView[];
  /** What venues pushed for markets that the book holds, whether it is still young enough or not. */
  readonly venueData: readonly StoredVenueData[];
  /** The returns that a module simulated from; null for the others, and while there are none. */
  readonly history: HistoryBasis | null;
  readonly moduleId: string;
  readonly moduleVersion: string;
  readonly parametersHash: string;
}

/** A stored series of returns, as told in an answer. */
export interface HistoryBasis {
  readonly horizonHours: number;
  readonly rows: number;
  readonly stressedRows: number;
  /** End of the first row. */
  readonly fromMs: UnixMs;
  readonly asOfMs: UnixMs;
}

export interface MarginAnswer extends RiskBasis {
  readonly accountId: string | null;
  /** Sequence number of the book; null for a simulation. */
  readonly sequence: bigint | null;
  readonly result: MarginResult;
  /** Of an account with books on chain only. */
  readonly across?: AcrossAnswer;
  /** Of an account with a consent in force only. */
  readonly netting?: NettingAnswer;
}

/** What was read on chain, and what would have to move where. */
export interface AcrossAnswer extends Pick<OnChains, 'states' | 'blocks' | 'venues' | 'haircut'> {
  readonly moves: readonly Move[];
}

export interface PredictedAnswer extends MarginAnswer {
  readonly predicted: PredictedMargin;
}

/** The margins of two moments, and what each part of the change comes from, in the order of the substitution. */
export interface MarginDifference {
  readonly from: MarginAnswer;
  readonly to: MarginAnswer;
  readonly steps: readonly StepChange[];
}

export interface PastMargin {
  /** Margin of the book in force at a past market time. @throws UnknownAccountError, NoStoredBookError */
  at(protocol: string, accountId: string, atMs: UnixMs, module: ModuleRef | null): Promise<MarginAnswer>;
  /** Why the margin of one past moment is not that of another. @throws UnknownAccountError, NoStoredBookError */
  difference(
    protocol: string,
    accountId: string,
    between: { readonly fromMs: UnixMs; readonly toMs: UnixMs },
    module: ModuleRef | null,
  ): Promise<MarginDifference>;
  /** Margin of any book at the stored market of a past time. */
  of(
    protocol: string,
    portfolio: AnyPortfolio,
    atMs: UnixMs,
    module: ModuleRef | null,
  ): Promise<Omit<MarginAnswer, 'accountId' | 'sequence'>>;
}

/** `module` null = that of the deployment; all throw ModuleNotFoundError, and what `RunAnalysis` does. */
export interface MarginPort {
  /** @throws UnknownAccountError */
  calculate(protocol: string, accountId: string, module: ModuleRef | null): Promise<MarginAnswer>;
  /** As of a past market time, from what is stored. @throws UnknownAccountError, NoStoredBookError, DatabaseUnavailableError */
  at?: PastMargin['at'];
  /** Between two past moments, from what is stored. @throws UnknownAccountError, NoStoredBookError, DatabaseUnavailableError */
  difference?: PastMargin['difference'];
  /** A book at the market of a past time. @throws DatabaseUnavailableError */
  ofPast?: PastMargin['of'];
  /** @throws UnknownAccountError, ForecastUnavailableError of risk/predicted/predict.ts */
  predicted(
    protocol: string,
    accountId: string,
    ask: { readonly horizonHours: number; readonly quantile: number; readonly module: ModuleRef | null },
  ): Promise<PredictedAnswer>;
  /** Nothing is stored. */
  simulate(protocol: string, portfolio: AnyPortfolio, module: ModuleRef | null): Promise<MarginAnswer>;
  /** The same with the module in force, without waiting; null where that module is not for the thread that answers. */
  simulateNow?(protocol: string, portfolio: AnyPortfolio): MarginAnswer | null;
  /**
   * The account now and with each book that `changesOf` makes of its pushed one; what lies on chain is part of all of
   * them and read once. Nothing is stored. @throws UnknownAccountError, and what `changesOf` does
   */
  whatIf(
    protocol: string,
    accountId: string,
    changesOf: (pushed: AnyPortfolio) => readonly AnyPortfolio[],
    module: ModuleRef | null,
  ): Promise<{ readonly current: MarginAnswer; readonly simulations: readonly MarginAnswer[] }>;
}

/** What an analysis found, beside the margin of the same moment. */
export interface AnalysisAnswer<K extends keyof AnalysisResults> extends MarginAnswer {
  readonly accountId: string;
  readonly sequence: bigint;
  readonly analysis: AnalysisResults[K];
}

/** The factor along which assets move together; null while its betas are not known. */
export interface BetaView {
  readonly reference: string;
  readonly betas: Betas | null;
}

export interface LiquidationPriceAnswer extends AnalysisAnswer<'liquidation-price'> {
  readonly beta: BetaView;
  /** Feeds of each asset, in the order of the basis. */
  readonly feeds: ReadonlyMap<string, readonly string[]>;
}

export interface StressAnswer extends AnalysisAnswer<'stress'> {
  readonly beta: BetaView;
}

/** Questions that search over many margins of one account. All throw UnknownAccountError, and what `RunAnalysis` does. */
export interface AnalysisPort {
  /** Orders of these perps and options, which must be listed; the room in lent markets. */
  capacity(
    protocol: string,
    accountId: string,
    ask: {
      readonly markets: readonly string[];
      readonly sides: readonly Side[];
      /** Whether what may be supplied and borrowed is asked for too. */
      readonly lending?: boolean;
      readonly module: ModuleRef | null;
      /** The book to ask of, in place of the one that was read; the answer is of this one. */
      readonly bookOf?: (held: HeldBook) => AnyPortfolio;
    },
  ): Promise<AnalysisAnswer<'capacity'>>;
  liquidationPrice(
    protocol: string,
    accountId: string,
    module: ModuleRef | null,
  ): Promise<LiquidationPriceAnswer>;
  liquidationPlan(
    protocol: string,
    accountId: string,
    ask: AnalysisAsk['liquidation-plan'] & { readonly module: ModuleRef | null },
  ): Promise<AnalysisAnswer<'liquidation-plan'>>;
  stress(protocol: string, accountId: string, module: ModuleRef | null): Promise<StressAnswer>;
}

/** What venues know better about their markets, kept apart by protocol. */
export interface VenueDataPort {
  /**
   * Stores newer data, answers a repeat of the stored ones with `replayed`, refuses the rest.
   * @throws SequenceConflictError, DatabaseUnavailableError of db/errors.ts
   */
  put(entry: StoredVenueData): Promise<{ readonly replayed: boolean }>;
  /** Null also for what another protocol pushed. */
  get(protocol: string, market: string): StoredVenueData | null;
}

export interface HealthCheck {
  readonly name: string;
  readonly ok: boolean;
  /** For people without a key: no addresses, credentials or paths. */
  readonly detail: string;
}

export interface HealthPort {
  /** What must work before traffic is sent here. */
  ready(): Promise<readonly HealthCheck[]>;
}

/** Everything that the HTTP application needs; the entry points wire the engine in. */
export interface GatewayPorts {
  readonly networkName: string;
  /** Market time: ages, `asOf` and `stale` follow it. */
  readonly clock: Clock;
  /** Every market that may be held: the fixed ones, and options by name. */
  readonly listing: Listing;
  /** Registry ids of the chains on which positions may live. */
  readonly chains: ReadonlySet<string>;
  readonly prices: PricesPort;
  readonly forecasts: ForecastsPort;
  readonly modules: ModulesPort;
  readonly accounts: AccountsPort;
  readonly margin: MarginPort;
  /** What changed of what margins are made of; without it no margin is given twice. */
  readonly changes?: ChangesView;
  readonly analysis: AnalysisPort;
  readonly venueData: VenueDataPort;
  readonly health: HealthPort;
  /** Who signs answers, for which chains; without it they are refused as not configured. */
  readonly attestations?: AttestationsPort;
  /** Keys, governance, audit log and webhooks; their resources are there only when this is. */
  readonly tenancy?: TenancyPorts;
  /** Figures of the database and the queues; their metrics are there only when this is. */
  readonly operations?: OperationsPort;
  /** What /v1/stream sends; the resource is there only when this is. */
  readonly events?: EventsPort;
}
