import { describe, expect, it } from 'vitest';
import { FORECASTS_CHANNEL, listen } from '../../../db/channels.ts';
import { loadBufferSchedules } from '../../../db/queries/buffer-schedules.ts';
import { readCandles } from '../../../db/queries/candles.ts';
import { latestForecasts } from '../../../db/queries/forecasts.ts';
import { PartialFailureError } from '../../../jobs/errors.ts';
import { type ForecastRefreshPorts, forecastRefresh } from '../../../jobs/tasks/forecast-refresh.ts';
import type { HourlyBar, VolatilityForecast } from '../../../models/forecast.ts';
import { context } from '../../helpers/task-context.ts';
import { until } from '../../helpers/until.ts';
import { useDatabase } from '../../helpers/use.ts';

const HOUR = 3_600_000;
const T0 = Date.UTC(2024, 0, 1);
const database = await useDatabase();

describe('forecast-refresh', () => {
  const bar = (i: number): HourlyBar => ({
    tsMs: T0 + i * HOUR,
    open: 100,
    high: 101,
    low: 99,
    close: 100,
    volume: 1,
  });
  const forecastOf = async (asset: string): Promise<VolatilityForecast[]> => {
    const bars = await readCandles(database.orm, asset);
    return ([1, 24] as const).map((horizonHours) => ({
      asset,
      horizonHours,
      asOfMs: bars.at(-1)!.tsMs + HOUR,
      meanVariance: bars.length,
      quantiles: [{ p: 0.5, variance: 1e-5 }],
      highVolatilityProbability: null,
      onsetProbability: null,
      referenceVariance: null,
      model: 'logHAR',
      modelVersion: '1',
      calibration: { rows: 0, levelRatio: 1, coverage90: null },
      limitations: [],
    }));
  };

  it('appends bars, forecasts once per hour and advances each schedule once, also with two workers at a time', async () => {
    let until_ = 3;
    const asked: (number | null)[] = [];
    const ports: ForecastRefreshPorts = {
      database,
      clock: { nowMs: () => T0 + 100 * HOUR },
      assets: ['BTC'],
      newBars: async (_asset, fromMs) => {
        asked.push(fromMs);
        return Array.from({ length: until_ }, (_, i) => bar(i)).filter(({ tsMs }) => tsMs >= (fromMs ?? 0));
      },
      forecast: forecastOf,
      advanceSchedule: (previous, forecast) => ({
        steps: ((previous as { steps: number } | null)?.steps ?? 0) + 1,
        seen: forecast.meanVariance,
      }),
    };
    const messages: unknown[] = [];
    let listening = false;
    const listener = listen({
      url: database.url,
      channels: [FORECASTS_CHANNEL],
      onMessage: (_channel, payload) => messages.push(payload),
      onGap: () => {
        listening = true;
      },
    });
    await until('listening', () => listening);

    const both = await Promise.all([
      forecastRefresh.run({}, ports, context),
      forecastRefresh.run({}, ports, context),
    ]);
    expect(both.map(({ refreshed }) => refreshed.length).reduce((a, b) => a + b)).toBe(1);
    expect((await forecastRefresh.run({}, ports, context)).unchanged).toEqual(['BTC']);
    until_ = 5;
    expect((await forecastRefresh.run({}, ports, context)).refreshed).toEqual(['BTC']);

    expect(asked.slice(-2)).toEqual([T0 + 3 * HOUR, T0 + 3 * HOUR]);
    expect((await readCandles(database.orm, 'BTC')).length).toBe(5);
    expect((await latestForecasts(database.orm, 'BTC')).map(({ asOfMs }) => asOfMs)).toEqual([
      T0 + 5 * HOUR,
      T0 + 5 * HOUR,
    ]);
    const schedules = await loadBufferSchedules(database.orm);
    expect(
      schedules.map(({ horizonHours, updatedAtMs, schedule }) => [horizonHours, updatedAtMs, schedule]),
    ).toEqual([
      [1, T0 + 5 * HOUR, { steps: 2, seen: 5 }],
      [24, T0 + 5 * HOUR, { steps: 2, seen: 5 }],
    ]);
    await until('two notifications', () => messages.length >= 2);
    expect(messages).toEqual([
      { asset: 'BTC', asOfMs: T0 + 3 * HOUR },
      { asset: 'BTC', asOfMs: T0 + 5 * HOUR },
    ]);
    await listener.close();
  });

  it('stores the assets that work when one fails, and says which failed; nothing of the failed one is stored', async () => {
    const ports: ForecastRefreshPorts = {
      database,
      clock: { nowMs: () => T0 + 100 * HOUR },
      assets: ['BAD', 'SOL', 'NEW'],
      newBars: async (asset) => (asset === 'NEW' ? [] : [bar(0)]),
      forecast: forecastOf,
      advanceSchedule: (_previous, { asset }) => {
        if (asset === 'BAD') throw new Error('cannot advance');
        return null;
      },
    };
    const failed = await forecastRefresh.run({}, ports, context).catch((error) => error);
    expect(failed).toBeInstanceOf(PartialFailureError);
    expect(failed.retryable).toBe(false);
    expect(failed.message).toContain('BAD (cannot advance)');
    expect(await latestForecasts(database.orm, 'SOL')).toHaveLength(2);
    expect(await latestForecasts(database.orm, 'BAD')).toHaveLength(0);
    expect((await loadBufferSchedules(database.orm)).filter(({ asset }) => asset === 'SOL')).toEqual([]);
    const rest = { ...ports, assets: ['NEW'] };
    expect((await forecastRefresh.run({}, rest, context)).withoutHistory).toEqual(['NEW']);
  });

  it('stores every candle before the first forecast, and improves a forecast once when that can be had', async () => {
    const seen: [string, number][] = [];
    let version = 'interim';
    const ports: ForecastRefreshPorts = {
      database,
      clock: { nowMs: () => T0 + 100 * HOUR },
      assets: ['ADA', 'XRP'],
      newBars: async (_asset, fromMs) => (fromMs === null ? [bar(0), bar(1)] : []),
      forecast: async (asset) => {
        seen.push([asset, (await readCandles(database.orm, 'XRP')).length]);
        return (await forecastOf(asset)).map((one) => ({ ...one, modelVersion: version }));
      },
      improves: (asset, stored) =>
        asset === 'ADA' &&
        version === 'best' &&
        (stored as VolatilityForecast[]).every(({ modelVersion }) => modelVersion === 'interim'),
      advanceSchedule: (previous) => ({ steps: ((previous as { steps: number } | null)?.steps ?? 0) + 1 }),
    };
    expect((await forecastRefresh.run({}, ports, context)).refreshed).toEqual(['ADA', 'XRP']);
    expect(seen[0]).toEqual(['ADA', 2]);
    version = 'best';
    expect(await forecastRefresh.run({}, ports, context)).toMatchObject({
      refreshed: ['ADA'],
      unchanged: ['XRP'],
    });
    expect((await forecastRefresh.run({}, ports, context)).unchanged).toEqual(['ADA', 'XRP']);
    const versions = async (asset: string) =>
      (await latestForecasts(database.orm, asset)).map(({ version: one }) => one);
    expect(await versions('ADA')).toEqual(['best', 'best']);
    expect(await versions('XRP')).toEqual(['interim', 'interim']);
  });
});
