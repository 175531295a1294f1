import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type { Reason } from '../../market/verdict.ts';
import { wadToFloat } from '../../units/wad.ts';
import type { AddOnParameters } from '../addons/parameters.ts';
import type { SortedBook } from '../book/book.ts';
import { netSize, notionalOf } from '../book/derivative.ts';
import { depegRate, type ThresholdCharge } from '../book/rates.ts';
import type { FundingParameters } from '../funding/parameters.ts';
import { isPrice, marginPrice } from '../inputs.ts';

/** What versions from 1.1.0 add to the shortfall. */
export interface TailExtras {
  readonly addOns: AddOnParameters | null;
  readonly depeg: (ThresholdCharge & { readonly feedId: string | null }) | null;
  /** From 1.2.0, which reads funding and settlement prices of venues; null: neither is read. */
  readonly funding: FundingParameters | null;
}

/** Version 1.0.0. */
export const NO_EXTRAS: TailExtras = { addOns: null, depeg: null, funding: null };

/** The settlement stablecoin's price: null when no charge is configured, a reason when it cannot be had. */
export function tailStable(market: MarketSnapshot, { depeg }: TailExtras): MarketPrice | Reason | null {
  return depeg === null || depeg.feedId === null ? null : marginPrice(market, depeg.feedId);
}

/** Depeg charges by position: the net notional of a perp or future market by signed shares, short options on spot. */
export function depegCharges(
  book: SortedBook,
  market: MarketSnapshot,
  extras: TailExtras,
  scale: (asset: string) => number = () => 1,
) {
  const charges: { owner: { id: string; chain: string | null }; amount: number }[] = [];
  const stable = tailStable(market, extras);
  if (extras.depeg === null || stable === null || !isPrice(stable)) return charges;
  const rate = wadToFloat(depegRate(stable.priceWad, extras.depeg));
  if (rate === 0) return charges;
  for (const group of book.perps) {
    const side = Math.sign(Number(netSize(group.positions)));
    const moved = scale(group.market.asset);
    for (const owner of group.positions)
      charges.push({ owner, amount: notionalOf(group, owner.sizeWad, moved) * side * rate });
  }
  for (const { asset, spot, legs } of book.options) {
    for (const { position: owner, contracts } of legs) {
      if (contracts < 0) charges.push({ owner, amount: -contracts * spot * scale(asset) * rate });
    }
  }
  return charges;
}
