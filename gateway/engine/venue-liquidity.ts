import type { MarketLiquidity } from '../../risk/market/liquidity.ts';
import type { AnyMarket } from '../../risk/modules/module.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import type { VenueDataView } from './venue-snapshot.ts';

/** Open interest and depth that the venue gave for perps and futures, by market id; data past their own age are left out. */
export function venueLiquidity(
  view: VenueDataView,
  protocol: string,
  markets: Iterable<AnyMarket>,
  nowMs: UnixMs,
): ReadonlyMap<string, MarketLiquidity> {
  const liquidity = new Map<string, MarketLiquidity>();
  for (const { id, kind } of markets) {
    if (kind !== 'perp' && kind !== 'future') continue;
    const entry = view.get(protocol, id);
    if (entry === null || nowMs - entry.asOfMs > entry.maxAgeMs) continue;
    const { openInterestWad, depth } = entry.data;
    if (openInterestWad === null && depth === null) continue;
    liquidity.set(id, { asOfMs: entry.asOfMs, openInterestWad, dailyVolume: null, depth });
  }
  return liquidity;
}
