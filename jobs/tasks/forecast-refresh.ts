import { z } from 'zod';
import { FORECASTS_CHANNEL, notify } from '../../db/channels.ts';
import type { Database, Orm } from '../../db/connection.ts';
import { lockBufferSchedules, upsertBufferSchedule } from '../../db/queries/buffer-schedules.ts';
import { lastCandle, upsertCandles } from '../../db/queries/candles.ts';
import { forecastsAt, insertForecasts } from '../../db/queries/forecasts.ts';
import { unsettled } from '../../db/queries/settled.ts';
import type { HourlyBar, VolatilityForecast } from '../../models/forecast.ts';
import { type Clock, MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import { PartialFailureError } from '../errors.ts';
import { defineTask } from '../task.ts';

export interface ForecastRefreshPorts {
  readonly database: Database;
  /** Market time, from which what is stored is in force. */
  readonly clock: Clock;
  readonly assets: readonly string[];
  /** Complete hourly bars that open at or after `fromMs` (null: as much history as there is), ascending. */
  newBars(asset: string, fromMs: UnixMs | null, signal: AbortSignal): Promise<readonly HourlyBar[]>;
  /** All horizons at the close of the asset's last stored bar; none while there is too little history. */
  forecast(asset: string, signal: AbortSignal): Promise<readonly VolatilityForecast[]>;
  /** Whether a better forecast than the stored ones can be had for the same decision time. Default: never. */
  improves?(asset: string, stored: readonly unknown[]): boolean;
  /**
   * The buffer's schedule after this forecast; `previous` is what it returned last time under the key, or null. null:
   * there is no buffer at this horizon, nothing is stored. Pure.
   */
  advanceSchedule(previous: unknown, forecast: VolatilityForecast, key: string): unknown;
  /** Names of the sets of buffer parameters in use for an asset. Default: one, named ''. */
  scheduleKeys?(asset: string): readonly string[];
}

/**
 * Brings every asset's candles up to date, then, once per asset and hour, makes its forecasts and advances its buffer
 * schedules, stored in one transaction: forecasts look at the other assets' bars of the hour too. An asset that fails
 * does not hold up the others.
 */
export const forecastRefresh = defineTask({
  name: 'forecast-refresh',
  payload: z.strictObject({}),
  timeoutMs: 120_000,
  handsOver: true,
  attempts: 4,
  backoff: { delayMs: 2_000, jitter: 0.5 },
  async run(_payload, ports: ForecastRefreshPorts, { signal, logger }) {
    const outcome = { refreshed: [] as string[], unchanged: [] as string[], withoutHistory: [] as string[] };
    const failures: { part: string; error: unknown }[] = [];
    const attempt = async (asset: string, work: () => Promise<void>) => {
      signal.throwIfAborted();
      try {
        await work();
      } catch (error) {
        if (signal.aborted) throw error;
        logger.error({ err: error, asset }, 'forecast failed');
        failures.push({ part: asset, error });
      }
    };
    const lasts = new Map<string, UnixMs | null>();
    for (const asset of ports.assets) {
      await attempt(asset, async () => {
        lasts.set(asset, await appendCandles(asset, ports, signal));
      });
    }
    for (const [asset, last] of lasts) {
      await attempt(asset, async () => {
        outcome[await refreshAsset(asset, last, ports, signal)].push(asset);
      });
    }
    if (failures.length > 0) throw new PartialFailureError('forecast-refresh', failures);
    return outcome;
  },
});

/** Open time of the asset's last candle after new ones were stored; null without any. */
async function appendCandles(
  asset: string,
  { database, newBars }: ForecastRefreshPorts,
  signal: AbortSignal,
): Promise<UnixMs | null> {
  const known = await lastCandle(database.orm, asset);
  const fresh = await newBars(asset, known ? known.tsMs + MS_PER_HOUR : null, signal);
  await upsertCandles(database.orm, asset, fresh);
  return fresh.at(-1)?.tsMs ?? known?.tsMs ?? null;
}

async function refreshAsset(
  asset: string,
  last: UnixMs | null,
  ports: ForecastRefreshPorts,
  signal: AbortSignal,
): Promise<'refreshed' | 'unchanged' | 'withoutHistory'> {
  const { database } = ports;
  if (last === null) return 'withoutHistory';
  const asOfMs = last + MS_PER_HOUR;
  const stored = (await forecastsAt(database.orm, asset, asOfMs)).filter((one) => one.asOfMs === asOfMs);
  const bodies = stored.map(({ body }) => body);
  if (stored.length > 0 && !ports.improves?.(asset, bodies)) return 'unchanged';
  const forecasts = (await ports.forecast(asset, signal)).filter((one) => one.asOfMs === asOfMs);
  signal.throwIfAborted();
  // Bars that came in meanwhile make a later forecast; it is stored by the run that knows of them.
  if (forecasts.length === 0) return stored.length > 0 ? 'unchanged' : 'withoutHistory';
  const written = await unsettled(database, ports.clock.nowMs(), (tx, fromMs) =>
    storeForecasts(tx, asset, { asOfMs, fromMs }, forecasts, ports),
  );
  return written ? 'refreshed' : 'unchanged';
}

/** False when another worker stored the same forecasts first; then the schedules are advanced already. */
async function storeForecasts(
  tx: Orm,
  asset: string,
  { asOfMs, fromMs }: { readonly asOfMs: UnixMs; readonly fromMs: UnixMs },
  forecasts: readonly VolatilityForecast[],
  ports: ForecastRefreshPorts,
): Promise<boolean> {
  const rows = forecasts.map((body) => ({
    asset,
    horizonHours: body.horizonHours,
    asOfMs: body.asOfMs,
    model: body.model,
    version: body.modelVersion,
    body,
  }));
  if ((await insertForecasts(tx, rows, Date.now(), fromMs)) === 0) return false;
  const stored = await lockBufferSchedules(tx, asset);
  for (const forecast of forecasts) {
    const { horizonHours, asOfMs: updatedAtMs } = forecast;
    for (const key of ports.scheduleKeys?.(asset) ?? ['']) {
      const previous = stored.find((entry) => entry.horizonHours === horizonHours && entry.key === key);
      const schedule = ports.advanceSchedule(previous?.schedule ?? null, forecast, key);
      if (schedule === null) continue;
      await upsertBufferSchedule(tx, { asset, horizonHours, key, updatedAtMs, schedule }, fromMs);
    }
  }
  await notify(tx, FORECASTS_CHANNEL, { asset, asOfMs });
  return true;
}
