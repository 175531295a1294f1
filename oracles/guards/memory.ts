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

export const EMPTY_MEMORY: FeedMemory = {
  lastGood: null,
  ema1hWad: null,
  sequencer: null,
  rateAnchor: null,
  otherChains: [],
};

const EMA_MS = 3_600_000;
const PPB = 1_000_000_000;

/**
 * Memory after a price was formed. The average takes every price, usable or not (weight 1 - exp(-elapsed / 1 h)), so
 * that a guard which binds wrongly lets go as the average catches up; the last good price only those usable for margin.
 * @param sinceMs time of the price before, null for the first
 */
export function advanceMemory(
  memory: FeedMemory,
  formed: { readonly priceWad: Wad; readonly good: boolean; readonly atMs: UnixMs },
  sinceMs: UnixMs | null,
): FeedMemory {
  const { priceWad, good, atMs } = formed;
  const { ema1hWad } = memory;
  const elapsed = sinceMs === null ? Number.POSITIVE_INFINITY : Math.max(0, atMs - sinceMs);
  const weight = BigInt(Math.round((1 - Math.exp(-elapsed / EMA_MS)) * PPB));
  return {
    ...memory,
    ema1hWad: ema1hWad === null ? priceWad : ema1hWad + ((priceWad - ema1hWad) * weight) / BigInt(PPB),
    lastGood: good ? { priceWad, atMs } : memory.lastGood,
  };
}
