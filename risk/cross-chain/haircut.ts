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
  /** Where the chain differs from the parameters of the deployment. */
  readonly haircut?: { readonly [K in keyof HaircutParameters]?: number | undefined };
}

export interface HaircutParameters {
  /** Quantile of the volatility forecast. */
  readonly quantile: number;
  /** Standard deviations of the move that may happen while value is on its way; 2.326 = 99 %, one-sided. */
  readonly deviations: number;
  /** Annual volatility of stablecoins and of gains in the quote asset, which have no forecast. */
  readonly stableVolatility: number;
  /** Times that a chain's finality and a message are counted for; 1 = as stated. */
  readonly finalityMultiple: number;
  readonly messageMultiple: number;
}

export const DEFAULT_HAIRCUT: HaircutParameters = {
  quantile: 0.95,
  deviations: 2.326,
  stableVolatility: 0.05,
  finalityMultiple: 1,
  messageMultiple: 1,
};

/** Parameters over others: what is left out, or undefined, stays. */
export function haircutOf(
  own: { readonly [K in keyof HaircutParameters]?: number | undefined } | undefined,
  base = DEFAULT_HAIRCUT,
): HaircutParameters {
  const stated = Object.entries(own ?? {}).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(stated) };
}

/** What value that leaves by this link is haircut with. */
export const parametersOf = (link: ChainLink, deployment: HaircutParameters): HaircutParameters =>
  haircutOf(link.haircut, deployment);

/** Seconds until a block of the chain cannot be replaced, as the haircut counts them. */
export function finalityOf(link: ChainLink, deployment: HaircutParameters): number {
  return link.finalitySeconds * parametersOf(link, deployment).finalityMultiple;
}

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
 * T = finality there + message + finality here, each times its multiple. 1 (nothing counts) without a link, a forecast, or trust.
 */
export function transferHaircut(
  from: ChainLink | null,
  /** Finality of the chain with the loss, as counted there; null = unknown. */
  toFinalitySeconds: number | null,
  deviation: (seconds: number, parameters: HaircutParameters) => number | null,
  deployment: HaircutParameters,
): Wad {
  if (from === null || toFinalitySeconds === null) return WAD;
  const parameters = parametersOf(from, deployment);
  const { deviations, messageMultiple } = parameters;
  const seconds = finalityOf(from, deployment) + from.messageSeconds * messageMultiple + toFinalitySeconds;
  const sigma = deviation(seconds, parameters);
  if (sigma === null || !Number.isFinite(sigma)) return WAD;
  const kept = from.trustWeight * Math.max(0, 1 - deviations * sigma);
  return WAD - wadFromNumber(Math.min(1, Math.max(0, kept)));
}
