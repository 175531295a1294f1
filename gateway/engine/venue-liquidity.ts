import type { MarketLiquidity } from '../../risk/market/liquidity.ts';
import type { AnyMarket } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { VenueDataView } from './venue-snapshot.ts';

/**
 * Open interest and depth that the venue gave for perps and futures, by market id; data past their own age are left out.
 * `withOld`: they are there with their age, and the module says that it does not use them; versions before 1.2.0 and 2.2.0 said
 * nothing, and what they say stays.
 */
export function venueLiquidity(
  view: VenueDataView,
  protocol: string,
  markets: Iterable<AnyMarket>,
  nowMs: UnixMs,
  withOld = false,
): ReadonlyMap<string, MarketLiquidity> {
  const liquidity = new Map<string, MarketLiquidity>();
  for (const { id, kind } of markets) {
    if (kind !== 'perp' && kind !== 'future') continue;
    const entry = view.get(protocol, id);
    if (entry === null || (!withOld && nowMs - entry.asOfMs > entry.maxAgeMs)) continue;
    const { openInterestWad, depth } = entry.data;
    if (openInterestWad === null && depth === null) continue;
    const { asOfMs, maxAgeMs } = entry;
    const age = withOld ? { maxAgeMs } : {};
    liquidity.set(id, { asOfMs, openInterestWad, dailyVolume: null, depth, ...age });
  }
  return liquidity;
}
