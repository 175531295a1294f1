import type { Verdicts } from '../../risk/market/verdict.ts';
import type { Seconds, UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { advanceHolds, type Holds, NO_HOLDS } from './hold.ts';

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
  /** What keeps verdicts from flapping; null where none was ever given. */
  readonly holds: Holds | null;
  /** Time of the first price in the average, of the last one in it, and of the last verdict; null = not known. */
  readonly averageSinceMs: UnixMs | null;
  readonly formedAtMs: UnixMs | null;
  readonly judgedAtMs: UnixMs | null;
}

export const EMPTY_MEMORY: FeedMemory = {
  lastGood: null,
  ema1hWad: null,
  sequencer: null,
  rateAnchor: null,
  otherChains: [],
  holds: null,
  averageSinceMs: null,
  formedAtMs: null,
  judgedAtMs: null,
};

const EMA_MS = 3_600_000;
const PPB = 1_000_000_000;
const PPB_WAD = BigInt(PPB);

/** What a memory takes from an answer; a RobustPrice fits. */
export interface Judged {
  readonly market: { readonly priceWad: Wad } | null;
  readonly verdicts: Verdicts;
  readonly asOfMs: UnixMs;
}

/**
 * Memory after an answer. The average takes every price that was formed, usable or not (weight 1 - exp(-elapsed / 1 h)),
 * so that a guard which binds wrongly lets go as the average catches up; the last good price only those usable for
 * margin. An answer that is not later than the last one leaves everything as it is: time does not run backwards in an
 * average.
 */
export function advanceMemory(memory: FeedMemory, { market, verdicts, asOfMs }: Judged): FeedMemory {
  const { ema1hWad, formedAtMs, judgedAtMs } = memory;
  if (judgedAtMs !== null && asOfMs <= judgedAtMs) return memory;
  const holds = advanceHolds(memory.holds ?? NO_HOLDS, verdicts, asOfMs);
  if (market === null) return { ...memory, holds, judgedAtMs: asOfMs };
  const { priceWad } = market;
  const elapsed = formedAtMs === null ? Number.POSITIVE_INFINITY : Math.max(0, asOfMs - formedAtMs);
  const weight = BigInt(Math.round((1 - Math.exp(-elapsed / EMA_MS)) * PPB));
  const { sequencer, rateAnchor, otherChains } = memory;
  return {
    lastGood: verdicts.margin.usable ? { priceWad, atMs: asOfMs } : memory.lastGood,
    ema1hWad: ema1hWad === null ? priceWad : ema1hWad + ((priceWad - ema1hWad) * weight) / PPB_WAD,
    sequencer,
    rateAnchor,
    otherChains,
    holds,
    averageSinceMs: ema1hWad === null ? asOfMs : memory.averageSinceMs,
    formedAtMs: asOfMs,
    judgedAtMs: asOfMs,
  };
}

/** By less a clock may be ahead without having been set: processes differ, and moments are asked for after others. */
const SET_BACK_MS = 5_000;

/**
 * Memory for judging at `nowMs`. Where the last verdict lies ahead of that, the clock has been set back; every moment ahead
 * then counts as now. Otherwise a hold would last, and nothing new would be remembered, until the clock is there again.
 */
export function notAhead(memory: FeedMemory, nowMs: UnixMs): FeedMemory {
  const { judgedAtMs, lastGood, holds } = memory;
  if (judgedAtMs === null || judgedAtMs <= nowMs + SET_BACK_MS) return memory;
  const now = (atMs: UnixMs | null) => (atMs === null ? null : Math.min(atMs, nowMs));
  const held = (hold: Holds['open']) => ({ ...hold, refusedAtMs: now(hold.refusedAtMs) });
  return {
    ...memory,
    lastGood: lastGood === null ? null : { ...lastGood, atMs: Math.min(lastGood.atMs, nowMs) },
    holds:
      holds === null
        ? null
        : { open: held(holds.open), margin: held(holds.margin), liquidate: held(holds.liquidate) },
    averageSinceMs: now(memory.averageSinceMs),
    formedAtMs: now(memory.formedAtMs),
    judgedAtMs: nowMs,
  };
}
