import type { UnixMs } from '../../risk/units/time.ts';
import type { HourlyBar } from '../forecast.ts';
import { FundingSeries } from './funding-series.ts';
import type { HarxContext } from './harx-columns.ts';
import { HourlyGrid } from './hourly-grid.ts';

export interface AssetHistory {
  readonly bars: readonly HourlyBar[];
  readonly funding: readonly { readonly tsMs: UnixMs; readonly rate: number }[] | null;
}

/** The coin whose variance is compared with the asset's own. */
export function otherCoin(asset: string): string {
  return asset === 'BTC' ? 'ETH' : 'BTC';
}

/** The coin whose funding an asset reads: its own for BTC and ETH, else BTC's. */
export function fundingCoin(asset: string): string {
  return asset === 'ETH' ? 'ETH' : 'BTC';
}

/**
 * Series beside an asset's own bars. The other coin's grid holds its whole history: columns read its row of the same
 * hour only.
 */
export function harxContext(asset: string, histories: ReadonlyMap<string, AssetHistory>): HarxContext {
  const otherBars = histories.get(otherCoin(asset))?.bars;
  let other: HourlyGrid | null = null;
  if (otherBars !== undefined) {
    other = new HourlyGrid();
    for (const bar of otherBars) other.push(bar);
  }
  return { other, funding: new FundingSeries(histories.get(fundingCoin(asset))?.funding ?? []) };
}
