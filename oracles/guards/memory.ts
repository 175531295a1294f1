import type { Seconds, UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';

/** What is known about a feed beside the reports of its sources. Prices are in the feed's unit; null = unknown. */
export interface FeedMemory {
  /** Last price that was answered as good. */
  readonly lastGood: { readonly priceWad: Wad; readonly atMs: UnixMs } | null;
  /** Exponential average of the price over about one hour. */
  readonly ema1hWad: Wad | null;
  /** State of the L2 on which the price is used, and for how long. */
  readonly sequencer: { readonly up: boolean; readonly sinceSeconds: Seconds } | null;
  /** Exchange rate of the asset, when it was taken, and how fast it may grow in a year. */
  readonly rateAnchor: {
    readonly priceWad: Wad;
    readonly atMs: UnixMs;
    readonly maxYearlyGrowthBps: number;
  } | null;
  /** The same asset on other chains. */
  readonly otherChains: readonly { readonly chain: string; readonly priceWad: Wad; readonly atMs: UnixMs }[];
}
