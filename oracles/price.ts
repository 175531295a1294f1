import type { MarketPrice } from '../risk/market/market-data.ts';
import type { UnixMs } from '../risk/units/time.ts';
import type { Wad } from '../risk/units/wad.ts';
import type { GuardAlarm } from './guards/alarm.ts';
import type { FeedMemory } from './guards/memory.ts';
import type { GuardReason } from './guards/reason.ts';
import type { SourceReport } from './quotes/quote.ts';

/** How one source entered (or did not enter) the robust price. */
export interface SourceVote {
  readonly sourceId: string;
  readonly report: SourceReport;
  /** Price in the feed's quote asset after normalisation; null when the source gave none. */
  readonly priceWad: Wad | null;
  readonly ageMs: number | null;
  readonly included: boolean;
  /** Why it was left out, or a remark; codes as in risk/market/verdict.ts. */
  readonly reasons: readonly GuardReason[];
  /** Share of the vote, 0..1; all included votes add up to 1. */
  readonly weight: number;
}

/** A price with its verdicts and all evidence for both. `priceWad` is null only when there is no price. */
export interface RobustPrice {
  readonly feedId: string;
  readonly base: string;
  readonly quoteAsset: string;
  readonly asOfMs: UnixMs;
  /** What the margin engine reads; null when no price can be formed (reasons in `verdicts`). */
  readonly market: MarketPrice | null;
  readonly verdicts: MarketPrice['verdicts'];
  readonly votes: readonly SourceVote[];
  /** What was remembered when it was judged; absent where nothing was. Part of what a replay needs. */
  readonly memory?: FeedMemory;
  /** Guards that bind, each with what it measured; absent while none does. */
  readonly alarms?: readonly GuardAlarm[];
  /** Hash of the feed's configuration, so that the verdict can be replayed. */
  readonly configHash: string;
}
