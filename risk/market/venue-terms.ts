import type { UnixMs } from '../units/time.ts';
import type { Wad } from '../units/wad.ts';

/** What a venue says about the funding of one perp. It is here with its age, so that an old rate can be told from none. */
export interface FundingRate {
  /** When the venue made it. */
  readonly asOfMs: UnixMs;
  /** Older than this the venue itself does not stand by it. */
  readonly maxAgeMs: number;
  /** Per hour, fraction of the notional at the index; positive = longs pay. */
  readonly ratePerHour: number;
  /** Until then funding is paid, or in `unsettledFundingWad` of the positions; null: not told, so until `asOfMs`. */
  readonly settledAtMs: UnixMs | null;
  /** Next payment; null: it is paid all the time. */
  readonly nextAtMs: UnixMs | null;
}

/** Price at which a venue settled a market: an option or future after its expiry, a perp that it has ended. */
export interface SettlementPrice {
  readonly priceWad: Wad;
  /** When the venue said it, not before the expiry. */
  readonly asOfMs: UnixMs;
  /** Older than this the venue itself does not stand by it. */
  readonly maxAgeMs: number;
}
