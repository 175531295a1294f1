import type { BufferParameters } from '../buffer/parameters.ts';
import type { MarketSnapshot } from '../market/market-data.ts';
import type { Reason } from '../market/verdict.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import type { UnixMs } from '../units/time.ts';
import type { Wad } from '../units/wad.ts';
import type { FundingParameters } from './funding/parameters.ts';

/** What a lending market states beside its margin. No module reads it; capacity and simulations keep to the caps. */
export interface LendingTerms {
  /** Share of the value that a liquidator is given on top, as a decimal. */
  readonly liquidationBonus: string;
  /** Most of the asset that may be supplied and borrowed, as decimals; null = no cap. */
  readonly supplyCap: string | null;
  readonly borrowCap: string | null;
}

/** A market as a protocol lists it: what the instrument is and which feed marks it. */
export interface MarketDefinition {
  readonly id: string;
  readonly kind: 'perp' | 'collateral';
  /** Base asset, e.g. `BTC`; also the asset whose volatility forecast buffers the market. */
  readonly asset: string;
  /** Feed that marks it, e.g. `BTC-USD`. */
  readonly feedId: string;
  /** Perps whose mark is not the index: the feed of the index, whose confidence counts too. */
  readonly indexFeedId?: string;
  /** Perps: what PnL and funding are paid in; quote (linear) unless it says coin (inverse). */
  readonly settlement?: Settlement;
  /** Of collateral that is lent; null or left out where it is not. */
  readonly lending?: LendingTerms | null;
}

/** Paid in the quote asset, or in the coin itself at the index (inverse contracts). */
export type Settlement = 'quote' | 'coin';

/** A dated future, settled at the index of its expiry. */
export interface FutureMarket {
  readonly id: string;
  readonly kind: 'future';
  readonly asset: string;
  /** Feed of the index. */
  readonly feedId: string;
  /** Feed of the future's own mark; without one the forward of its expiry marks it (`MarketSnapshot.options`). */
  readonly markFeedId?: string;
  readonly expiryMs: UnixMs;
  readonly settlement?: Settlement;
}

/** A European option, settled at the index: in quote, or in the coin (payoff / index coins, premium in coins). */
export interface OptionMarket {
  readonly id: string;
  readonly kind: 'option';
  readonly asset: string;
  /** Feed of the index. */
  readonly feedId: string;
  readonly strikeWad: Wad;
  readonly expiryMs: UnixMs;
  readonly isCall: boolean;
  readonly settlement?: Settlement;
}

export type AnyMarket = MarketDefinition | OptionMarket | FutureMarket;

/** What a portfolio needs before it can be calculated. */
export interface Requirements {
  readonly feeds: readonly string[];
  readonly volatility: readonly { readonly asset: string; readonly horizonHours: number }[];
  /** Joint history of these assets, when the module simulates from it. */
  readonly history?: {
    readonly assets: readonly string[];
    readonly horizonHours: number;
    /** Forecast quantile that a row's volatility is to be. */
    readonly quantile: number;
  };
}

/** One additive line of the answer; `initial` and `maintenance` lines add up to the requirement exactly. */
export interface ContributionLine {
  /** Position id, or null for an account-level line. */
  readonly positionId: string | null;
  readonly chain: string | null;
  /** Name of the term, e.g. `perp-margin`, `collateral-haircut`, `oracle-contingency`. */
  readonly term: string;
  readonly equityWad: Wad;
  readonly initialWad: Wad;
  readonly maintenanceWad: Wad;
}

/** A position that could not be valued; it never sinks the rest of the account. */
export interface PositionFailure {
  readonly positionId: string;
  readonly reason: Reason;
}

/** The predictive buffer as applied to one asset. */
export interface BufferView {
  readonly asset: string;
  readonly horizonHours: number;
  /** Multiplier on the shocks, in [1, cap]. */
  readonly initialFactor: number;
  /** Multiplier in force for maintenance (ramps over the notice period). */
  readonly maintenanceFactor: number;
  readonly sigmaQuantile: number | null;
  readonly sigmaReference: number | null;
  readonly model: string;
  readonly reasons: readonly Reason[];
  /** Named anti-procyclical policy: `none`, `buffer25`, `stress25` or `floor`. */
  readonly policy: string;
  /** Factor that maintenance moves to, and when a rise is fully in force; null when no rise is under notice. */
  readonly maintenanceTarget: number;
  readonly effectiveFromMs: UnixMs | null;
}

/** First-order sensitivities of one position (float64, for reading and charts; nothing settles on them). */
export interface PositionSensitivity {
  readonly positionId: string;
  readonly asset: string;
  /** d equity / d spot, in units of the asset. */
  readonly delta: number;
  /** d requirement / d spot, quote per unit of quote move of one unit of the asset (margin acceleration). */
  readonly initialSlope: number;
  readonly maintenanceSlope: number;
  /** Options only, for the whole position: gamma per 1 of quote, vega per volatility point, theta per day, rho per 1 %. */
  readonly greeks?: {
    readonly gamma: number;
    readonly vega: number;
    readonly theta: number;
    readonly rho: number;
  };
}

/** The state of the world that decides the requirement of one asset. */
export interface WorstScenario {
  readonly asset: string;
  /** `forward-loss`, `none`, or the spot multiplier and the volatility shock, e.g. `spot x0.85, volatility up`. */
  readonly scenario: string;
  /** Loss in it for initial margin, before any factor; positive. */
  readonly lossWad: Wad;
}

/** Output of a `Revaluer`, in the module's quote asset, float64. */
export interface RevaluedMargin {
  equity: number;
  initialRequirement: number;
  maintenanceRequirement: number;
}

/**
 * The module's formulas in float64 for simulation: prices move, everything else stays. Agrees with `calculate`
 * to float rounding at scale 1; nothing settles on it.
 */
export interface Revaluer {
  /** Assets whose prices move, in the order of the arrays. */
  readonly assets: readonly string[];
  /** Writes into `out` (no allocation): `scale` = price now / price of the snapshot, factors = buffer in force. */
  evaluate(
    scale: Float64Array,
    initialFactor: Float64Array,
    maintenanceFactor: Float64Array,
    out: RevaluedMargin,
  ): void;
}

export type MarginStatus = 'healthy' | 'warned' | 'margin-call' | 'liquidatable' | 'insolvent' | 'unknown';

/** All amounts in the module's quote asset (USD unless the module says otherwise). */
export interface MarginResult {
  readonly equityWad: Wad;
  readonly initialRequirementWad: Wad;
  readonly maintenanceRequirementWad: Wad;
  /** Equity minus requirement; positive = healthy (the convention of Derive). */
  readonly netInitialWad: Wad;
  readonly netMaintenanceWad: Wad;
  /** Cost of closing what the account holds, which `status` was decided with; left out = none. */
  readonly liquidationCostWad?: Wad;
  readonly status: MarginStatus;
  readonly lines: readonly ContributionLine[];
  readonly buffers: readonly BufferView[];
  readonly failures: readonly PositionFailure[];
  /** Account-level remarks: stale price used, price refused for a purpose, forecast fallback. */
  readonly reasons: readonly Reason[];
  readonly sensitivities: readonly PositionSensitivity[];
  /** Modules with scenarios only. */
  readonly worstScenarios?: readonly WorstScenario[];
}

/**
 * A standard risk module. A version never changes its numbers: a protocol pins `id@version`.
 * `P` is the validated parameter object.
 */
export interface RiskModule<P> {
  readonly id: string;
  readonly version: string;
  readonly title: string;
  /** JSON Schema 2020-12 of the parameters, with defaults and units in the descriptions. */
  readonly parametersJsonSchema: Readonly<Record<string, unknown>>;
  readonly defaultParameters: P;
  /** @throws InvalidInputError naming the parameter. Unknown parameters are refused. */
  parseParameters(input: unknown): P;
  requirements(portfolio: AnyPortfolio, markets: ReadonlyMap<string, AnyMarket>, parameters: P): Requirements;
  /** Pure and total: a missing or refused input becomes a failure or a reason, never a throw. */
  calculate(
    portfolio: AnyPortfolio,
    markets: ReadonlyMap<string, AnyMarket>,
    market: MarketSnapshot,
    parameters: P,
  ): MarginResult;
  /** Buffer parameters in force for an asset; null where the module does not buffer it. */
  bufferParameters(asset: string, parameters: P): BufferParameters | null;
  /** Present where the version reads funding and settlement prices of venues (`MarketSnapshot.funding`, `settled`). */
  readonly venueTerms?: (parameters: P) => FundingParameters;
  /** Float64 revaluation for simulation; positions that cannot be valued are left out, as in `calculate`. */
  revaluer(
    portfolio: AnyPortfolio,
    markets: ReadonlyMap<string, AnyMarket>,
    market: MarketSnapshot,
    parameters: P,
  ): Revaluer;
}
