import type { UnixMs } from '../../risk/units/time.ts';
import { Ewma } from '../baselines/ewma.ts';
import { createLogHar } from '../baselines/log-har.ts';
import { createLogHarx168 } from '../baselines/log-harx168.ts';
import { fundingCoin, otherCoin } from '../features/asset-context.ts';
import { FundingSeries } from '../features/funding-series.ts';
import type { HarxContext } from '../features/harx-columns.ts';
import { HourlyGrid } from '../features/hourly-grid.ts';
import type { HourlyBar, VolatilityForecast } from '../forecast.ts';
import { UnknownForecastAssetError } from './errors.ts';
import {
  MOST_MISSING_FOR_REGRESSIONS,
  type ServedModel,
  staleFunding,
  tooManyMissing,
  withFitness,
} from './fitness.ts';
import { createForecaster, type Forecaster } from './forecaster.ts';

/** Models of one asset, best first, given the series that stand beside it. */
export type ModelFactory = (context: HarxContext, asset: string) => readonly ServedModel[];

/** logHARX168, then logHAR, then EWMA. */
export const linearModels: ModelFactory = (context) => [
  withFitness(
    createLogHarx168(context),
    (grid, i) =>
      tooManyMissing(grid, i, MOST_MISSING_FOR_REGRESSIONS) ?? staleFunding(context.funding, grid, i),
  ),
  withFitness(createLogHar(), (grid, i) => tooManyMissing(grid, i, MOST_MISSING_FOR_REGRESSIONS)),
  new Ewma(),
];

/** Forecasters of several assets that look at each other: hours go in together. */
export interface MarketForecaster {
  readonly assets: readonly string[];
  /** Appends one hour: bars of all assets that have one, all with the same `tsMs`. */
  pushHour(bars: ReadonlyMap<string, HourlyBar>): void;
  /** A paid funding rate of a coin (BTC, ETH); known from its stamp on. */
  pushFunding(coin: string, payment: { readonly tsMs: UnixMs; readonly rate: number }): void;
  /** As Forecaster.current; throws for an asset it does not know. */
  current(asset: string): readonly VolatilityForecast[];
}

/**
 * Forecasters with cross-asset inputs. The hours of the coins compared with are recorded before any model sees the
 * hour, so that the order of assets does not matter.
 */
export function createMarketForecaster(assets: readonly string[], models: ModelFactory): MarketForecaster {
  const beside = new Map<string, HourlyGrid>();
  const funding = new Map<string, FundingSeries>();
  for (const asset of assets) {
    if (assets.includes(otherCoin(asset))) beside.set(otherCoin(asset), new HourlyGrid());
    funding.set(fundingCoin(asset), new FundingSeries());
  }
  const forecasters = new Map<string, Forecaster>();
  for (const asset of assets) {
    const other = beside.get(otherCoin(asset)) ?? null;
    forecasters.set(
      asset,
      createForecaster(asset, models({ other, funding: funding.get(fundingCoin(asset))! }, asset)),
    );
  }
  return {
    assets: [...assets],
    pushHour(bars) {
      for (const [coin, grid] of beside) {
        const bar = bars.get(coin);
        if (bar !== undefined) grid.push(bar);
      }
      for (const [asset, forecaster] of forecasters) {
        const bar = bars.get(asset);
        if (bar !== undefined) forecaster.push(bar);
      }
    },
    pushFunding(coin, payment) {
      funding.get(coin)?.push(payment);
    },
    current(asset) {
      const forecaster = forecasters.get(asset);
      if (forecaster === undefined) throw new UnknownForecastAssetError(asset, assets);
      return forecaster.current();
    },
  };
}
