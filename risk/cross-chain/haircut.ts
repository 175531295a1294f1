import { varianceAt } from '../buffer/target.ts';
import type { VolatilityView } from '../market/market-data.ts';
import { STABLE_ASSETS } from '../stress/shock.ts';
import { wadFromNumber } from '../units/decimal.ts';
import { SECONDS_PER_YEAR } from '../units/time.ts';
import { WAD, type Wad } from '../units/wad.ts';

/** How value leaves a chain. */
export interface ChainLink {
  /** Until a block cannot be replaced any more. */
  readonly finalitySeconds: number;
  /** Of a message to any other chain, after finality. */
  readonly messageSeconds: number;
  /** Trust in the chain and its bridge, 0 to 1. */
  readonly trustWeight: number;
}

export interface HaircutParameters {
  /** Quantile of the volatility forecast. */
  readonly quantile: number;
  /** Standard deviations of the move that may happen while value is on its way; 2.326 = 99 %, one-sided. */
  readonly deviations: number;
  /** Annual volatility of stablecoins and of gains in the quote asset, which have no forecast. */
  readonly stableVolatility: number;
}

export const DEFAULT_HAIRCUT: HaircutParameters = {
  quantile: 0.95,
  deviations: 2.326,
  stableVolatility: 0.05,
};

const SECONDS_PER_HOUR = 3600;

/** Standard deviation of an asset's return over some seconds by its forecast of the shortest horizon; null without one. */
export function deviationOver(
  asset: string,
  seconds: number,
  volatility: ReadonlyMap<string, ReadonlyMap<number, VolatilityView>>,
  { quantile, stableVolatility }: HaircutParameters,
): number | null {
  if (STABLE_ASSETS.has(asset)) return stableVolatility * Math.sqrt(seconds / SECONDS_PER_YEAR);
  const views = [...(volatility.get(asset)?.values() ?? [])].sort((a, b) => a.horizonHours - b.horizonHours);
  const [view] = views;
  const variance = view === undefined ? null : varianceAt(view, quantile);
  if (view === undefined || variance === null) return null;
  return Math.sqrt((variance * seconds) / (view.horizonHours * SECONDS_PER_HOUR));
}

/**
 * Share of value on one chain that does not count for a loss on another: 1 - trust (1 - z sigma sqrt(T)), with
 * T = finality there + message + finality here. 1 (nothing counts) without a link, a forecast, or trust.
 */
export function transferHaircut(
  from: ChainLink | null,
  /** Finality of the chain with the loss; null = unknown. */
  toFinalitySeconds: number | null,
  deviation: (seconds: number) => number | null,
  { deviations }: HaircutParameters,
): Wad {
  if (from === null || toFinalitySeconds === null) return WAD;
  const sigma = deviation(from.finalitySeconds + from.messageSeconds + toFinalitySeconds);
  if (sigma === null || !Number.isFinite(sigma)) return WAD;
  const kept = from.trustWeight * Math.max(0, 1 - deviations * sigma);
  return WAD - wadFromNumber(Math.min(1, Math.max(0, kept)));
}
