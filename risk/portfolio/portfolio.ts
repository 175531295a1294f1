import type { Wad } from '../units/wad.ts';

/** Linear perpetual; `size` in base units, signed. */
export interface PerpPosition {
  readonly kind: 'perp';
  /** Unique within the account. */
  readonly id: string;
  /** Market id, e.g. `BTC-PERP`. */
  readonly market: string;
  readonly sizeWad: Wad;
  /** Average entry price in the quote asset per base unit. */
  readonly entryPriceWad: Wad;
  /** Funding accrued and not settled, in the quote asset; positive = the account receives. */
  readonly unsettledFundingWad: Wad;
  /** Chain on which the position lives, by registry id; null when the protocol has one book. */
  readonly chain: string | null;
}

/** Spot collateral: an amount of one asset (never negative; loans are a kind of their own). */
export interface CollateralPosition {
  readonly kind: 'collateral';
  readonly id: string;
  readonly asset: string;
  readonly amountWad: Wad;
  readonly chain: string | null;
}

export type Position = PerpPosition | CollateralPosition;

/** Positions of one account at one sequence number; `cashWad` is the settled quote balance, may be negative. */
export interface Portfolio {
  readonly accountId: string;
  readonly cashWad: Wad;
  readonly positions: readonly Position[];
}

/** European option of a listed option market; `size` in base units, signed. Value and margin need an `OptionMarketData`. */
export interface OptionPosition {
  readonly kind: 'option';
  readonly id: string;
  /** Market id, e.g. `BTC-20260327-60000-C`. */
  readonly market: string;
  readonly sizeWad: Wad;
  readonly chain: string | null;
}

/** A debt in one asset: the amount owed with its interest, positive. */
export interface LoanPosition {
  readonly kind: 'loan';
  readonly id: string;
  /** Id of the collateral market of the asset that is owed, e.g. `ETH-SPOT`. */
  readonly market: string;
  readonly amountWad: Wad;
  readonly chain: string | null;
}

/** Every kind of position that modules take; `Position` is the part without options and loans. */
export type AnyPosition = Position | OptionPosition | LoanPosition;

/** What modules take: a `Portfolio`, or one with options and loans in it. */
export interface AnyPortfolio {
  readonly accountId: string;
  readonly cashWad: Wad;
  readonly positions: readonly AnyPosition[];
}
