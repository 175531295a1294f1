import type { BufferParameters } from '../buffer/parameters.ts';
import type { AnyPortfolio } from '../portfolio/portfolio.ts';
import { collateralMarket } from './inputs.ts';
import type { AnyMarket, Requirements } from './module.ts';

/** What an account touches: the feeds that mark it, and a forecast for every buffered asset. */
export function requirementsOf(
  portfolio: AnyPortfolio,
  markets: ReadonlyMap<string, AnyMarket>,
  bufferOf: (asset: string) => BufferParameters | null,
  alwaysFeeds: readonly string[],
): Requirements {
  const feeds = new Set<string>(alwaysFeeds);
  const volatility = new Map<string, { asset: string; horizonHours: number }>();
  for (const position of portfolio.positions) {
    const market =
      position.kind === 'collateral'
        ? collateralMarket(markets, position.asset)
        : markets.get(position.market);
    if (!market) continue;
    feeds.add(market.feedId);
    if (market.kind === 'perp' && market.indexFeedId !== undefined) feeds.add(market.indexFeedId);
    if (market.kind === 'future' && market.markFeedId !== undefined) feeds.add(market.markFeedId);
    const buffer = bufferOf(market.asset);
    if (buffer) volatility.set(market.asset, { asset: market.asset, horizonHours: buffer.horizonHours });
  }
  return {
    feeds: [...feeds].sort(),
    volatility: [...volatility.values()].sort((a, b) => (a.asset < b.asset ? -1 : 1)),
  };
}
