import type { BufferSchedule } from '../buffer/schedule.ts';
import type { UnixMs } from '../units/time.ts';
import type { Wad } from '../units/wad.ts';
import type { FactorHistory } from './factor-history.ts';
import type { MarketLiquidity } from './liquidity.ts';
import type { OptionExpiryData } from './option-data.ts';
import type { FundingRate, SettlementPrice } from './venue-terms.ts';
import type { Reason, Verdicts } from './verdict.ts';

/** One robust price as the margin engine needs it; `oracles/` makes it, the caller wires it in. */
export interface MarketPrice {
  /** Feed id, e.g. `BTC-USD`. */
  readonly feedId: string;
  readonly priceWad: Wad;
  /** One-sigma-like half width in the price's unit. */
  readonly confidenceWad: Wad;
  /** How far the price can be relied on, 0 (not at all) to 1; drives the oracle contingency charge. */
  readonly confidenceScore: number;
  readonly publishTimeMs: UnixMs;
  readonly verdicts: Verdicts;
}

/** What the volatility forecast says to the predictive buffer about one asset at one horizon. */
export interface VolatilityView {
  readonly asset: string;
  readonly horizonHours: number;
  /** Decision time of the forecast. */
  readonly asOfMs: UnixMs;
  /** Quantiles of realised variance over the horizon (sum of hourly variances, not annualised), p ascending. */
  readonly varianceQuantiles: readonly { readonly p: number; readonly variance: number }[];
  readonly meanVariance: number;
  /** Trailing 365-day median of realised variance over the same horizon; null before there is enough history. */
  readonly referenceVariance: number | null;
  readonly model: string;
  readonly modelVersion: string;
  /** Non-empty when the forecast may not lower a margin (stale, missing history, out of training range). */
  readonly limitations: readonly Reason[];
}

/** Everything a module may read. Immutable; one snapshot serves a whole calculation. */
export interface MarketSnapshot {
  readonly asOfMs: UnixMs;
  readonly prices: ReadonlyMap<string, MarketPrice>;
  /** Keyed by asset, then by horizon in hours. */
  readonly volatility: ReadonlyMap<string, ReadonlyMap<number, VolatilityView>>;
  /**
   * Stored predictive buffers, keyed by asset (one per asset and buffer parameters; the caller picks those whose
   * `key` fits the parameters). An asset without one is buffered from its `volatility` view alone.
   */
  readonly buffers?: ReadonlyMap<string, BufferSchedule>;
  /** What prices options, keyed by asset, then by expiry in Unix ms. */
  readonly options?: ReadonlyMap<string, ReadonlyMap<UnixMs, OptionExpiryData>>;
  /** How perps and futures can be closed, by market id; for modules with add-ons. */
  readonly liquidity?: ReadonlyMap<string, MarketLiquidity>;
  /** Funding of perps by market id, old ones included; read by modules with `venueTerms`. */
  readonly funding?: ReadonlyMap<string, FundingRate>;
  /** Settlement prices by market id; read by modules with `venueTerms`. */
  readonly settled?: ReadonlyMap<string, SettlementPrice>;
  /** Past joint returns, for modules that simulate from history. */
  readonly history?: FactorHistory;
}
