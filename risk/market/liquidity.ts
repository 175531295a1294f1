import type { UnixMs } from '../units/time.ts';
import type { Wad } from '../units/wad.ts';

/** One level of an order book. */
export interface DepthLevel {
  readonly priceWad: Wad;
  /** Base units, or contracts where the market settles in the coin. */
  readonly sizeWad: Wad;
}

/** What a venue knows about how one of its markets can be closed; null = it said nothing. */
export interface MarketLiquidity {
  /** When it was made; it has an age like any price. */
  readonly asOfMs: UnixMs;
  /** Older than this the venue itself does not stand by it; left out: as long as the module allows. */
  readonly maxAgeMs?: number;
  /** In the unit of position sizes. */
  readonly openInterestWad: Wad | null;
  /** Average quote traded per day. */
  readonly dailyVolume: number | null;
  /** Best first. */
  readonly depth: { readonly bids: readonly DepthLevel[]; readonly asks: readonly DepthLevel[] } | null;
}
