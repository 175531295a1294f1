import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { maxRatio } from './growth-cap.ts';
import { isBeyond } from './history.ts';
import type { FeedMemory } from './memory.ts';
import { bps, type GuardReason, inBps } from './reason.ts';

/** Greatest price that the growth limit of the rate allows now; null without a rate. */
export function growthLimit({ rateAnchor }: FeedMemory, nowMs: UnixMs): Wad | null {
  if (rateAnchor === null || rateAnchor.priceWad <= 0n) return null;
  const { priceWad: ratio, atMs, maxYearlyGrowthBps } = rateAnchor;
  return maxRatio({ ratio, takenAtSeconds: atMs / 1000, maxYearlyGrowthBps }, nowMs / 1000);
}

/**
 * Compares a price with the exchange rate of the asset: above what the rate can have grown to (`growth-cap`), or below
 * the rate itself (`anchor`), each with a tolerance. The price is never replaced by the limit: where several sources
 * agree beyond it, the limit may be what is wrong.
 */
export function checkAnchor(
  priceWad: Wad,
  memory: FeedMemory,
  toleranceBps: number,
  nowMs: UnixMs,
): GuardReason | null {
  const limit = growthLimit(memory, nowMs);
  const rate = memory.rateAnchor?.priceWad;
  if (limit === null || rate === undefined) return null;
  if (priceWad > limit && isBeyond(priceWad, limit, toleranceBps)) {
    const message = `${bps(priceWad - limit, limit)} above what the rate can have grown to, the limit is ${toleranceBps} bp`;
    return { code: 'growth-cap', message, measure: inBps(priceWad - limit, limit, toleranceBps) };
  }
  if (priceWad < rate && isBeyond(priceWad, rate, toleranceBps)) {
    const message = `${bps(rate - priceWad, rate)} below the exchange rate, the limit is ${toleranceBps} bp`;
    return { code: 'anchor', message, measure: inBps(rate - priceWad, rate, toleranceBps) };
  }
  return null;
}
