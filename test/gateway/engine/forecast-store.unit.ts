import { expect, it } from 'vitest';
import { ForecastStore } from '../../../gateway/engine/forecast-store.ts';
import type { VolatilityForecast } from '../../../models/forecast.ts';
import type { BufferSchedule } from '../../../risk/buffer/schedule.ts';

const forecast = (asOfMs: number, horizonHours: 1 | 4 | 24): VolatilityForecast => ({
  asset: 'BTC',
  horizonHours,
  asOfMs,
  meanVariance: horizonHours,
  quantiles: [{ p: 0.95, variance: 3 * horizonHours }],
  highVolatilityProbability: null,
  onsetProbability: null,
  referenceVariance: 1e-4,
  model: 'logHAR',
  modelVersion: '1.0.0',
  calibration: { rows: 1, levelRatio: 1, coverage90: null },
  limitations: [],
});
const schedule = (key: string, updatedAtMs: number) =>
  ({ version: 1, key, asset: 'BTC', updatedAtMs }) as unknown as BufferSchedule;

it('keeps the newest forecasts of an asset, by horizon, and shows them to the buffer', () => {
  const store = new ForecastStore();
  store.setForecasts('BTC', [forecast(2, 24), forecast(2, 1)]);
  store.setForecasts('BTC', [forecast(1, 4)]);
  store.setForecasts('BTC', []);
  expect(store.forecasts('BTC').map(({ asOfMs, horizonHours }) => [asOfMs, horizonHours])).toEqual([
    [2, 1],
    [2, 24],
  ]);
  expect(store.views.get('BTC')?.get(24)).toMatchObject({
    asOfMs: 2,
    meanVariance: 24,
    varianceQuantiles: [{ p: 0.95, variance: 72 }],
    model: 'logHAR',
  });
  expect(store.forecasts('ETH')).toEqual([]);
});

it('never goes back to an older schedule of the same parameters, and takes one of other parameters', () => {
  const store = new ForecastStore();
  store.setBuffer(schedule('a', 5));
  store.setBuffer(schedule('a', 4));
  expect(store.buffers.get('BTC')?.updatedAtMs).toBe(5);
  store.setBuffer(schedule('b', 1));
  expect(store.buffers.get('BTC')).toMatchObject({ key: 'b', updatedAtMs: 1 });
});
