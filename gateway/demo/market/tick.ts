import type { UnixMs } from '../../../risk/units/time.ts';
import { ASSETS, type Asset, type AssetTick, type MarketTick } from './source.ts';
import type { Venues } from './venues.ts';

/** Puts a market moment together: true prices, and what the venues quote around them. */
export function tickOf(
  timeMs: UnixMs,
  states: Readonly<Record<Asset, { readonly price: number; readonly annualVolatility: number }>>,
  venues: Venues,
  regime: string,
  finished: boolean,
): MarketTick {
  const assets = {} as Record<Asset, AssetTick>;
  ASSETS.forEach((asset, index) => {
    const { price, annualVolatility } = states[asset];
    assets[asset] = { price, annualVolatility, venues: venues.mids(index, price, annualVolatility) };
  });
  return { timeMs, assets, regime, finished };
}
