import type { AcrossChains } from '../../risk/cross-chain/across.ts';
import type { AuctionParameters } from '../../risk/liquidation/dutch-auction.ts';
import type { LiquidationPrices } from '../../risk/liquidation/liquidation-price.ts';
import type { Close } from '../../risk/liquidation/plan.ts';
import type { Reason } from '../../risk/market/verdict.ts';
import type { MarginResult, MarginStatus } from '../../risk/modules/module.ts';
import type { CorrelationMatrix } from '../../risk/predicted/correlation.ts';
import type { PredictedMargin } from '../../risk/predicted/predict.ts';
import type { ReverseStress } from '../../risk/stress/stress.ts';
import type { Wad } from '../../risk/units/wad.ts';
import type { CapRoom, LentMarket } from './lent-markets.ts';

export type Side = 'buy' | 'sell';
/** By asset: share of a move of the reference asset that the asset makes. */
export type Betas = Readonly<Record<string, number>>;

/** What an account's margin comes to. */
export interface MarginFigures {
  readonly status: MarginStatus;
  readonly equityWad: Wad;
  readonly netInitialWad: Wad;
  readonly netMaintenanceWad: Wad;
}

export interface LargestOrder {
  readonly market: string;
  readonly asset: string;
  readonly side: Side;
  /** Price at which the order is assumed to fill; null when there is none. */
  readonly priceWad: Wad | null;
  readonly sizeWad: Wad;
  /** Why the size is 0; empty otherwise. */
  readonly reasons: readonly Reason[];
}

/** The most of a lent asset that an account may supply or borrow now. */
export interface LendingRoom {
  readonly market: string;
  readonly asset: string;
  /** null: no cap. */
  readonly supply: CapRoom & { readonly largestWad: Wad | null };
  readonly borrow: CapRoom & { readonly largestWad: Wad };
}

export interface Capacity {
  readonly freeCollateralWad: Wad;
  /** Of every lent market that was asked for. */
  readonly lending: readonly LendingRoom[];
  readonly orders: readonly LargestOrder[];
  readonly cashWad: Wad;
  readonly collateral: readonly {
    readonly positionId: string;
    readonly asset: string;
    readonly amountWad: Wad;
  }[];
}

export interface AuctionPoint {
  readonly seconds: number;
  /** Share of the value that a bidder pays; null while the account is insolvent. */
  readonly paidFraction: number | null;
  /** Largest share of the account that one bid may take. */
  readonly largestFraction: number;
  /** For that share; negative = the insurance fund pays the bidder. */
  readonly price: number;
}

export interface AuctionCurve {
  readonly kind: 'solvent' | 'insolvent';
  readonly parameters: AuctionParameters;
  readonly points: readonly AuctionPoint[];
}

export interface Plan {
  readonly reached: boolean;
  readonly closes: readonly Close[];
  readonly after: MarginFigures;
  /** For what closes cannot reach; null when they reach the target, or what is left is safe from an auction. */
  readonly auction: AuctionCurve | null;
}

export interface ScenarioOutcome extends MarginFigures {
  readonly name: string;
  readonly source: string;
  /** Multiplier of the price of each asset that the account holds. */
  readonly multipliers: ReadonlyMap<string, number>;
  readonly volatility: number;
  readonly closingCost: number;
  readonly lostChain: string | null;
  readonly changeWad: Wad;
  readonly equityAfterClosingWad: Wad;
}

export interface GridCell extends MarginFigures {
  readonly spotMove: number;
  readonly volatility: number;
}

export interface Stress {
  readonly scenarios: readonly ScenarioOutcome[];
  /** All volatile assets together, row by row: volatility outside, spot inside. */
  readonly grid: readonly GridCell[];
  /** null: no move within the searched range, or a position cannot be valued. */
  readonly reverse: ReverseStress | null;
}

/** What each analysis asks beside the account. */
export interface AnalysisAsk {
  readonly margin: Readonly<Record<never, never>>;
  readonly across: Readonly<Record<never, never>>;
  readonly predicted: {
    readonly horizonHours: number;
    readonly quantile: number;
    readonly correlation: CorrelationMatrix;
    readonly paths?: number;
    readonly steps?: number;
  };
  readonly capacity: {
    readonly orders: readonly { readonly market: string; readonly side: Side }[];
    readonly lending: readonly LentMarket[];
  };
  readonly 'liquidation-price': { readonly betas: Betas | null };
  readonly 'liquidation-plan': { readonly targetWad: Wad; readonly costRate: number };
  readonly stress: { readonly betas: Betas | null };
}

export interface AnalysisResults {
  readonly margin: MarginResult;
  readonly across: AcrossChains;
  readonly predicted: PredictedMargin;
  readonly capacity: Capacity;
  readonly 'liquidation-price': LiquidationPrices;
  readonly 'liquidation-plan': Plan;
  readonly stress: Stress;
}
