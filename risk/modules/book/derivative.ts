import type { MarketPrice } from '../../market/market-data.ts';
import type { FuturePosition, PerpPosition } from '../../portfolio/portfolio.ts';
import { absWad, ceilDiv, floorDiv, mulWadDown, WAD, type Wad, wadToFloat } from '../../units/wad.ts';
import type { FutureMarket, MarketDefinition } from '../module.ts';

/** What moves one to one with its price: perpetuals and dated futures, settled in quote or in the coin. */
export type DerivativePosition = PerpPosition | FuturePosition;

/** All positions of one perp or future market, priced together. */
export interface PerpGroup {
  readonly market: MarketDefinition | FutureMarket;
  /** Mark; of a future its own feed's, or the forward of its expiry rounded down. */
  readonly price: MarketPrice;
  /** The forward rounded up, which shorts are marked at; absent where the mark is fixed point already. */
  readonly upperPriceWad?: Wad;
  /** Index: the price at which coins are worth quote; the mark where a perp has no other. */
  readonly index: MarketPrice;
  /** Of the price, and of the index where that is another feed. */
  readonly confidenceScore: number;
  readonly positions: readonly DerivativePosition[];
  /** Years to expiry; null: perpetual. */
  readonly tau: number | null;
  /** Share of the mark that still moves: less than 1 only while settlement of a future is being averaged. */
  readonly variable: number;
}

const WAD_SQUARED = WAD * WAD;

export const isInverse = (group: Pick<PerpGroup, 'market'>) => group.market.settlement === 'coin';

/** Signed sum of sizes: base units, or contracts of 1 quote. */
export function netSize(positions: readonly DerivativePosition[]): Wad {
  return positions.reduce((sum, position) => sum + position.sizeWad, 0n);
}

/** Funding not yet settled, in quote, rounded down. */
export function fundingOf(group: PerpGroup, position: DerivativePosition): Wad {
  if (position.kind !== 'perp') return 0n;
  return isInverse(group)
    ? mulWadDown(position.unsettledFundingWad, group.index.priceWad)
    : position.unsettledFundingWad;
}

/**
 * Unrealised PnL in quote, rounded down: size (mark - entry), or for inverse contracts size (1/entry - 1/mark) coins at
 * the index.
 */
export function pnlOf(group: PerpGroup, { sizeWad, entryPriceWad }: DerivativePosition): Wad {
  const mark = sizeWad < 0n ? (group.upperPriceWad ?? group.price.priceWad) : group.price.priceWad;
  if (!isInverse(group)) return mulWadDown(sizeWad, mark - entryPriceWad);
  return floorDiv(sizeWad * (mark - entryPriceWad) * group.index.priceWad, entryPriceWad * mark);
}

/** |net size| at the mark x rate in quote, one rounding, up; inverse contracts are size/mark coins at the index. */
export function chargeOn(group: PerpGroup, netWad: Wad, rateWad: Wad): Wad {
  const size = absWad(netWad);
  if (isInverse(group)) {
    return ceilDiv(size * group.index.priceWad * rateWad, group.price.priceWad * WAD);
  }
  return ceilDiv(size * (group.upperPriceWad ?? group.price.priceWad) * rateWad, WAD_SQUARED);
}

/** Signed notional in quote with the asset's price multiplied by `scale`; that of inverse contracts does not move. */
export function notionalOf(group: PerpGroup, sizeWad: Wad, scale = 1): number {
  if (!isInverse(group)) return wadToFloat(sizeWad) * (wadToFloat(group.price.priceWad) * scale);
  return wadToFloat(sizeWad) * (wadToFloat(group.index.priceWad) / wadToFloat(group.price.priceWad));
}

/**
 * Quote that equity gains per relative rise of spot, the mark and the index moving together; exact for any move. A linear
 * contract: size x mark (its part that still moves). An inverse one: equity N S (1/entry - 1/mark) with S/mark
 * constant is linear in S with slope N/entry, so N S/entry, and the coins that funding owes.
 */
export function exposureOf(group: PerpGroup, position: DerivativePosition): number {
  const size = wadToFloat(position.sizeWad);
  if (!isInverse(group)) {
    const full = size * wadToFloat(group.price.priceWad);
    return group.variable === 1 ? full : full * group.variable;
  }
  const funding = position.kind === 'perp' ? wadToFloat(position.unsettledFundingWad) : 0;
  const index = wadToFloat(group.index.priceWad);
  return (size / wadToFloat(position.entryPriceWad) + funding) * index;
}

/** Equity (PnL and funding) of a position in float64 where the asset's price is multiplied by nothing: what does not move. */
export function constantOf(group: PerpGroup, position: DerivativePosition): number {
  const size = wadToFloat(position.sizeWad);
  if (isInverse(group)) return -notionalOf(group, position.sizeWad);
  const funding = position.kind === 'perp' ? wadToFloat(position.unsettledFundingWad) : 0;
  const fixed = group.variable === 1 ? 0 : size * wadToFloat(group.price.priceWad) * (1 - group.variable);
  return funding - size * wadToFloat(position.entryPriceWad) + fixed;
}

/** d equity / d spot in coins. */
export function deltaOf(group: PerpGroup, position: DerivativePosition): number {
  if (group.market.kind === 'perp' && !isInverse(group)) return wadToFloat(position.sizeWad);
  return exposureOf(group, position) / wadToFloat(group.index.priceWad);
}
