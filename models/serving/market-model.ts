import { MS_PER_HOUR } from '../../risk/units/time.ts';
import type { FundingPayment } from '../data/funding-file.ts';
import { fundingCoin, otherCoin } from '../features/asset-context.ts';
import { FundingSeries } from '../features/funding-series.ts';
import { HourlyGrid } from '../features/hourly-grid.ts';
import type { HourlyBar, VolatilityForecast } from '../forecast.ts';
import type { PassedModel } from './describe-forecast.ts';
import { createForecaster, type Forecaster } from './forecaster.ts';
import { extendsHistory } from './history.ts';
import type { ModelFactory } from './market-forecaster.ts';
import type { ShadowComparison } from './promotion.ts';

/** Assets whose walk-forward state is kept between calls. */
const MOST_KEPT = 64;

/** Everything a forecast of one asset may look at. Bars ascend by time; what is later than the asset's own is not read. */
export interface MarketHistory {
  readonly bars: ReadonlyMap<string, readonly HourlyBar[]>;
  /** Paid funding rates by coin; absent ones are neutral. */
  readonly funding?: ReadonlyMap<string, readonly FundingPayment[]>;
}

/** Forecasts with cross-asset inputs as a function of histories alone. */
export interface MarketModel {
  /** Forecasts of all horizons at the close of the asset's last bar. Throws as Forecaster does. */
  forecast(asset: string, history: MarketHistory): readonly VolatilityForecast[];
  /** Comparisons of the model in shadow on every asset forecast so far, as of its last forecast. */
  shadow(): readonly ShadowComparison[];
}

interface State {
  readonly forecaster: Forecaster;
  readonly bars: HourlyBar[];
  readonly other: HourlyGrid;
  readonly otherBars: HourlyBar[];
  readonly series: FundingSeries;
  readonly payments: FundingPayment[];
}

/**
 * Market forecasters behind one call: the state of each asset is kept and continued while its own history, the
 * other coin's and the funding extend those of the last call; else it is built anew (seconds for 14 months with the
 * network). A pure function of its arguments either way. `absent`: better models that could not be made.
 */
export function createMarketModel(models: ModelFactory, absent: readonly PassedModel[] = []): MarketModel {
  const kept = new Map<string, State>();
  return {
    forecast(asset, { bars, funding }) {
      const own = bars.get(asset) ?? [];
      const endMs = own.at(-1)?.tsMs ?? Number.NEGATIVE_INFINITY;
      const others = (bars.get(otherCoin(asset)) ?? []).filter((bar) => bar.tsMs <= endMs);
      const payments = funding?.get(fundingCoin(asset)) ?? [];
      const earlier = kept.get(asset);
      const state =
        earlier !== undefined && continues(earlier, own, others, payments)
          ? earlier
          : createState(asset, models, absent);
      kept.delete(asset);
      // Columns read the other coin's row of the same hour only, so it may run ahead within this call.
      for (const bar of others.slice(state.otherBars.length)) {
        state.other.push(bar);
        state.otherBars.push({ ...bar });
      }
      for (const payment of payments.slice(state.payments.length)) {
        state.series.push(payment);
        state.payments.push({ ...payment });
      }
      for (const bar of own.slice(state.bars.length)) {
        state.forecaster.push(bar);
        state.bars.push({ ...bar });
      }
      kept.set(asset, state);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
      return state.forecaster.current();
    },
    shadow: () => [...kept.values()].flatMap(({ forecaster }) => forecaster.shadow()),
  };
}

function createState(asset: string, models: ModelFactory, absent: readonly PassedModel[]): State {
  const other = new HourlyGrid();
  const series = new FundingSeries();
  const forecaster = createForecaster(asset, models({ other, funding: series }, asset), absent);
  return { forecaster, bars: [], other, otherBars: [], series, payments: [] };
}

/**
 * New bars of the other coin or new payments may only come with or after the new own bars: an hour the asset has
 * already passed was forecast without them.
 */
function continues(
  state: State,
  own: readonly HourlyBar[],
  others: readonly HourlyBar[],
  payments: readonly FundingPayment[],
): boolean {
  const passedMs = state.bars.at(-1)?.tsMs ?? Number.NEGATIVE_INFINITY;
  const sameFunding =
    payments.length >= state.payments.length &&
    state.payments.every((one, at) => one.tsMs === payments[at]!.tsMs && one.rate === payments[at]!.rate);
  const firstOther = others[state.otherBars.length];
  const firstPayment = payments[state.payments.length];
  return (
    sameFunding &&
    extendsHistory(state.bars, own) &&
    extendsHistory(state.otherBars, others) &&
    (firstOther === undefined || firstOther.tsMs > passedMs) &&
    (firstPayment === undefined || firstPayment.tsMs > passedMs + MS_PER_HOUR)
  );
}
