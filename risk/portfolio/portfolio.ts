import type { UnixMs } from '../units/time.ts';
import type { Wad } from '../units/wad.ts';

/**
 * Perpetual. On a market settled in quote (linear) amounts are in base units and quote; on one settled in the coin
 * (inverse) the size is in contracts of 1 quote, funding is in the coin, and PnL in coins is size (1/entry - 1/mark).
 */
export interface PerpPosition {
  readonly kind: 'perp';
  /** Unique within the account. */
  readonly id: string;
  /** Market id, e.g. `BTC-PERP`. */
  readonly market: string;
  /** Signed: base units, or contracts of 1 quote where the market settles in the coin. */
  readonly sizeWad: Wad;
  /** Average entry price in the quote asset per base unit (the harmonic average where it settles in the coin). */
  readonly entryPriceWad: Wad;
  /** Funding accrued and not settled, in the asset of settlement; positive = the account receives. */
  readonly unsettledFundingWad: Wad;
  /**
   * Until then funding is in `unsettledFundingWad` or paid, and the venue's rate counts from there: the time of the last
   * trade or of the push. Left out: the position counts as held since the market's last settlement.
   */
  readonly fundingFromMs?: UnixMs;
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

/**
 * Dated future of a listed future market; sizes as of a perpetual. The entry price is that of the last settlement
 * where the venue settles daily.
 */
export interface FuturePosition {
  readonly kind: 'future';
  readonly id: string;
  /** Market id, e.g. `BTC-20260327`. */
  readonly market: string;
  readonly sizeWad: Wad;
  readonly entryPriceWad: Wad;
  readonly chain: string | null;
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

/** Every kind of position that modules take; `Position` is the part without options, futures and loans. */
export type AnyPosition = Position | OptionPosition | FuturePosition | LoanPosition;

/** What modules take: a `Portfolio`, or one with options, futures and loans in it. */
export interface AnyPortfolio {
  readonly accountId: string;
  readonly cashWad: Wad;
  /** Part of `cashWad` that lies on chains, by chain; read by `risk/cross-chain` alone. */
  readonly cashOn?: ReadonlyMap<string, Wad>;
  readonly positions: readonly AnyPosition[];
}

/** The portfolio with cash paid in (negative: out) where a position lies. */
export function withCash(portfolio: AnyPortfolio, chain: string | null, amountWad: Wad): AnyPortfolio {
  const { cashWad, cashOn } = portfolio;
  const paid = { ...portfolio, cashWad: cashWad + amountWad };
  if (cashOn === undefined || chain === null) return paid;
  return { ...paid, cashOn: new Map(cashOn).set(chain, (cashOn.get(chain) ?? 0n) + amountWad) };
}
