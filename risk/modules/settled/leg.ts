import type { MarketPrice, MarketSnapshot } from '../../market/market-data.ts';
import type { SettlementPrice } from '../../market/venue-terms.ts';
import type { Reason } from '../../market/verdict.ts';
import type { FuturePosition, OptionPosition, PerpPosition } from '../../portfolio/portfolio.ts';
import { floorDiv, mulWadDown, WAD, type Wad, wadToFloat } from '../../units/wad.ts';
import { isPrice, marginPrice } from '../inputs.ts';
import type { AnyMarket, FutureMarket, MarketDefinition, OptionMarket } from '../module.ts';

/** What settles. */
type SettlingPosition = PerpPosition | FuturePosition | OptionPosition;
type SettlingMarket = MarketDefinition | FutureMarket | OptionMarket;

/** A position whose market is settled: it is worth a fixed amount, in quote or in coins. */
export interface SettledLeg {
  readonly position: SettlingPosition;
  readonly asset: string;
  /** In quote, rounded down; of coins at the lower of settlement and index. */
  readonly valueWad: Wad;
  /** Where it is paid in coins: how many (negative: owed), and the index that they are worth now. */
  readonly coins: {
    readonly index: MarketPrice;
    readonly settlementWad: Wad;
    readonly amount: number;
  } | null;
}

/**
 * The position at the venue's settlement price; a reason when that cannot be used; null when its market is not settled:
 * it trades, or has expired without a price, which is for the rest of the book to say.
 */
export function settledLeg(
  position: SettlingPosition,
  definition: AnyMarket | undefined,
  market: MarketSnapshot,
): SettledLeg | Reason | null {
  const told = market.settled?.get(position.market);
  if (told === undefined || definition === undefined || definition.kind === 'collateral') return null;
  if (definition.kind !== position.kind) return null;
  const expiryMs = 'expiryMs' in definition ? definition.expiryMs : Number.NEGATIVE_INFINITY;
  // an average told before the expiry is no settlement price
  if (!(market.asOfMs >= expiryMs && told.asOfMs >= expiryMs)) return null;
  const refused = refusalOf(told, market.asOfMs, definition.id);
  if (refused !== null) return refused;
  const fixed = { position, asset: definition.asset };
  if (definition.settlement !== 'coin')
    return { ...fixed, valueWad: valueAt(position, definition, told.priceWad, WAD), coins: null };
  const feedId =
    definition.kind === 'perp' ? (definition.indexFeedId ?? definition.feedId) : definition.feedId;
  const index = marginPrice(market, feedId);
  if (!isPrice(index)) return index;
  if (position.kind !== 'option' && position.entryPriceWad <= 0n) {
    const message = `${definition.id} settles in the coin and needs an entry price above 0`;
    return { code: 'entry-price-invalid', message, subject: position.id };
  }
  const at = (priceWad: Wad) => valueAt(position, definition, told.priceWad, priceWad);
  const [settlement, now] = [at(told.priceWad), at(index.priceWad)];
  const amount = wadToFloat(at(told.priceWad)) / wadToFloat(told.priceWad);
  const valueWad = settlement < now ? settlement : now;
  return { ...fixed, valueWad, coins: { index, settlementWad: told.priceWad, amount } };
}

function refusalOf(
  { priceWad, asOfMs, maxAgeMs }: SettlementPrice,
  nowMs: number,
  subject: string,
): Reason | null {
  if (priceWad <= 0n)
    return {
      code: 'settlement-invalid',
      message: `the settlement price of ${subject} is not positive`,
      subject,
    };
  const age = nowMs - asOfMs;
  if (age >= 0 && age <= maxAgeMs) return null;
  const message = `the settlement price of ${subject} was told ${age / 1000} s ago, ${maxAgeMs / 1000} s are allowed`;
  return { code: 'settlement-stale', message, subject };
}

/** Value in quote at a settlement price, rounded down; what is paid in coins at `coinWad` for each. */
function valueAt(position: SettlingPosition, market: SettlingMarket, settleWad: Wad, coinWad: Wad): Wad {
  const inCoins = market.settlement === 'coin';
  if (market.kind === 'option') {
    const over = market.isCall ? settleWad - market.strikeWad : market.strikeWad - settleWad;
    const payoff = over > 0n ? over : 0n;
    return inCoins
      ? floorDiv(position.sizeWad * payoff * coinWad, settleWad * WAD)
      : mulWadDown(position.sizeWad, payoff);
  }
  const { entryPriceWad } = position as PerpPosition | FuturePosition;
  const funding = position.kind === 'perp' ? position.unsettledFundingWad : 0n;
  const gain = settleWad - entryPriceWad;
  return inCoins
    ? floorDiv(position.sizeWad * gain * coinWad, entryPriceWad * settleWad) + mulWadDown(funding, coinWad)
    : mulWadDown(position.sizeWad, gain) + funding;
}

/** Value in float64 with the index multiplied by `scale`: amounts in quote do not move. */
export function settledValueAt({ valueWad, coins }: SettledLeg, scale: number): number {
  if (coins === null) return wadToFloat(valueWad);
  const index = wadToFloat(coins.index.priceWad) * scale;
  return Math.min(coins.amount * index, coins.amount * wadToFloat(coins.settlementWad));
}

/** d equity / d spot: none, but for coins that are worth the index now. */
export function settledDelta(leg: SettledLeg): number {
  if (leg.coins === null) return 0;
  const { index, settlementWad, amount } = leg.coins;
  const atIndex = amount > 0 ? index.priceWad < settlementWad : index.priceWad > settlementWad;
  return atIndex ? amount : 0;
}
