import type { DepthLevel } from '../market/liquidity.ts';
import type { MarketSnapshot } from '../market/market-data.ts';
import type { DerivativePosition } from '../modules/book/derivative.ts';
import { groupDerivatives } from '../modules/book/derivative-book.ts';
import { withoutFundingCredit } from '../modules/funding/accrual.ts';
import type { AnyMarket } from '../modules/module.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { wadFromNumber } from '../units/decimal.ts';
import { floorDiv, WAD, type Wad } from '../units/wad.ts';
import type { StressScenario } from './scenarios.ts';

/** Assets that keep their price in a stress that does not name them. */
export const STABLE_ASSETS: ReadonlySet<string> = new Set(['USD', 'USDC', 'USDT', 'DAI']);

/** Least price of a shocked asset, as a share of its price. */
const LEAST = 0.001;

/** Multiplier of an asset's price in a scenario. */
export function multiplierOf(scenario: StressScenario, asset: string): number {
  const named = Object.hasOwn(scenario.moves, asset) ? scenario.moves[asset]! : null;
  const move = named ?? (STABLE_ASSETS.has(asset) ? 0 : scenario.others);
  return Math.max(LEAST, 1 + move);
}

/** The snapshot with prices, forwards, smiles and order books moved; verdicts, forecasts and buffers stay. */
export function shockedMarket(
  market: MarketSnapshot,
  markets: ReadonlyMap<string, AnyMarket>,
  scenario: StressScenario,
): MarketSnapshot {
  const prices = new Map(market.prices);
  for (const definition of markets.values()) {
    const feeds = [definition.feedId];
    if (definition.kind === 'perp' && definition.indexFeedId !== undefined)
      feeds.push(definition.indexFeedId);
    if (definition.kind === 'future' && definition.markFeedId !== undefined)
      feeds.push(definition.markFeedId);
    const multiplierWad = wadFromNumber(multiplierOf(scenario, definition.asset));
    for (const feed of feeds) {
      const price = market.prices.get(feed);
      if (price)
        prices.set(feed, { ...price, priceWad: floorDiv(price.priceWad * multiplierWad, WAD) || 1n });
    }
  }
  const liquidity = shockedLiquidity(market, markets, scenario);
  if (!market.options) return { ...market, prices, ...liquidity };
  const options = new Map(
    [...market.options].map(([asset, expiries]) => {
      const multiplier = multiplierOf(scenario, asset);
      const moved = [...expiries].map(([expiryMs, data]) => {
        const smile = data.smile.map(({ strike, volatility }) => ({
          strike,
          volatility: volatility * scenario.volatility,
        }));
        const settlementForward =
          data.settlementForward === null ? null : data.settlementForward * multiplier;
        return [expiryMs, { ...data, forward: data.forward * multiplier, settlementForward, smile }] as const;
      });
      return [asset, new Map(moved)] as const;
    }),
  );
  return { ...market, prices, ...liquidity, options };
}

/** Order books move with their mark: the distances stay. */
function shockedLiquidity(
  { liquidity }: MarketSnapshot,
  markets: ReadonlyMap<string, AnyMarket>,
  scenario: StressScenario,
): Pick<MarketSnapshot, 'liquidity'> {
  if (liquidity === undefined) return {};
  const moved = [...liquidity].map(([id, data]) => {
    const definition = markets.get(id);
    if (definition === undefined || data.depth === null) return [id, data] as const;
    const multiplierWad = wadFromNumber(multiplierOf(scenario, definition.asset));
    const side = (levels: readonly DepthLevel[]) =>
      levels.map((level) => ({ ...level, priceWad: floorDiv(level.priceWad * multiplierWad, WAD) }));
    return [id, { ...data, depth: { bids: side(data.depth.bids), asks: side(data.depth.asks) } }] as const;
  });
  return { liquidity: new Map(moved) };
}

/** What a perp, usable or not, or a future is valued at: its settlement price or its mark; null when there is none. */
function markOf(
  position: DerivativePosition,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
): Wad | null {
  const definition = markets.get(position.market);
  const settled = market.settled?.get(position.market);
  if (settled !== undefined) return settled.priceWad;
  if (definition?.kind === 'perp') return market.prices.get(definition.feedId)?.priceWad ?? null;
  const { groups } = groupDerivatives([[position]], markets, market, Number.MAX_SAFE_INTEGER);
  return groups[0]?.price.priceWad ?? null;
}

/** The account without what a lost chain holds: collateral there is gone, gains of perps there are not counted. */
export function cutOff(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  market: MarketSnapshot,
  chain: string | null,
): AnyPortfolio {
  if (chain === null) return portfolio;
  const positions = portfolio.positions.flatMap((position) => {
    if (position.chain !== chain) return [position];
    if (position.kind === 'collateral') return [];
    if (position.kind !== 'perp' && position.kind !== 'future') return [position];
    const price = markOf(position, markets, market);
    const gains = price !== null && position.sizeWad * (price - position.entryPriceWad) > 0n;
    const entry = gains ? { entryPriceWad: price } : {};
    if (position.kind === 'future') return [{ ...position, ...entry }];
    const unsettledFundingWad = position.unsettledFundingWad < 0n ? position.unsettledFundingWad : 0n;
    return [withoutFundingCredit({ ...position, unsettledFundingWad, ...entry }, market)];
  });
  return { ...portfolio, positions };
}
