import type { HourlyBar, VolatilityForecast, VolatilityModel } from '../forecast.ts';
import { createForecaster, type Forecaster } from './forecaster.ts';
import { extendsHistory } from './history.ts';

/** Assets whose walk-forward state is kept between calls. */
const MOST_KEPT = 64;

/**
 * logHAR behind the common interface. A function of its bars alone: the walk-forward state of the last call is kept
 * per asset, compared bar by bar, and only continued when the new history extends it; else it is built anew
 * (10,500 hours: some tenths of a second). Throws as Forecaster does.
 */
export function createLogHarModel(): VolatilityModel {
  const kept = new Map<string, { readonly forecaster: Forecaster; readonly bars: HourlyBar[] }>();
  return {
    name: 'logHAR',
    version: '1.0.0',
    forecast(asset, bars): readonly VolatilityForecast[] {
      const earlier = kept.get(asset);
      const state =
        earlier !== undefined && extendsHistory(earlier.bars, bars)
          ? earlier
          : { forecaster: createForecaster(asset), bars: [] as HourlyBar[] };
      kept.delete(asset);
      for (let at = state.bars.length; at < bars.length; at++) {
        const bar = { ...bars[at]! };
        state.forecaster.push(bar);
        state.bars.push(bar);
      }
      kept.set(asset, state);
      if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
      return state.forecaster.current();
    },
  };
}
