import { WAD, wadFromDecimal } from '../../risk/units/wad.ts';
import type { FeedConfig } from '../config/feeds.ts';
import type { FeedMemory } from '../guards/memory.ts';
import type { RobustPrice } from '../price.ts';

/**
 * The configured exchange rate in the feed's quote asset; null without one, or while the feed that its rate is in has no
 * price usable for margin.
 */
export function rateAnchorOf(
  { rateAnchor }: FeedConfig,
  leg: RobustPrice | undefined,
): FeedMemory['rateAnchor'] {
  if (rateAnchor === undefined) return null;
  const { rate, takenAt, maxYearlyGrowthBps, quoteFeed } = rateAnchor;
  const rateWad = wadFromDecimal(rate, 'rateAnchor.rate');
  const atMs = Date.parse(takenAt);
  if (quoteFeed === undefined) return { priceWad: rateWad, atMs, maxYearlyGrowthBps };
  if (!leg?.market?.verdicts.margin.usable) return null;
  return { priceWad: (rateWad * leg.market.priceWad) / WAD, atMs, maxYearlyGrowthBps };
}
