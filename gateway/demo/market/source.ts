import type { HourlyBar } from '../../../models/forecast.ts';
import type { UnixMs } from '../../../risk/units/time.ts';

/** Assets of the demo, in the order of every array below. */
export const ASSETS = ['BTC', 'ETH', 'SOL', 'USDC'] as const;
export type Asset = (typeof ASSETS)[number];
/** Assets that follow the joint diffusion; USDC stays around 1.00. */
export const RISKY_ASSETS = ['BTC', 'ETH', 'SOL'] as const;
export type RiskyAsset = (typeof RISKY_ASSETS)[number];

export interface AssetTick {
  /** The price that every source observes with its own error, in USD. */
  readonly price: number;
  /** Mid prices of the simulated venues, in USD. */
  readonly venues: readonly number[];
  /** Diffusive volatility of this moment, annualised (0.5 = 50 %). */
  readonly annualVolatility: number;
}

export interface MarketTick {
  readonly timeMs: UnixMs;
  readonly assets: Readonly<Record<Asset, AssetTick>>;
  readonly regime: string;
  /** True once a replay has no candle left; prices stand still from there. */
  readonly finished: boolean;
}

/** A market that can be stepped: simulated or replayed. Deterministic in its seed and in market time. */
export interface MarketSource {
  readonly kind: 'simulator' | 'replay';
  /** One line for the log: what is real, what is simulated. */
  readonly description: string;
  /** Market time at which the live part begins; a full hour, and the end of the history. */
  readonly startMs: UnixMs;
  /** Market time at which it ends; null when it never does. */
  readonly endMs: UnixMs | null;
  /** Hourly bars that are over at `startMs`, by asset, ascending; hours without data are absent. */
  history(): ReadonlyMap<Asset, readonly HourlyBar[]>;
  /** The market at its present time. */
  current(): MarketTick;
  /** Moves on by whole seconds. The price at a market second does not depend on how the steps fall. */
  step(seconds: number): MarketTick;
  /** Begins a storm that lasts for some hours, now; absent where the past decides (a replay). */
  startStorm?(): void;
}

/** Mean hourly volume in base units at an hourly range of 1 %; only its shape matters. */
export const MEAN_VOLUME: Readonly<Record<Asset, number>> = {
  BTC: 1_500,
  ETH: 20_000,
  SOL: 150_000,
  USDC: 5_000_000,
};
