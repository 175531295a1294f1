import { FORECASTS_CHANNEL, type Listener, listen } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import type { Logger } from '../../db/logger.ts';
import { loadBufferSchedules } from '../../db/queries/buffer-schedules.ts';
import { lastCandle, readCandles } from '../../db/queries/candles.ts';
import { latestForecasts } from '../../db/queries/forecasts.ts';
import type { HourlyBar, VolatilityForecast } from '../../models/forecast.ts';
import type { BufferSchedule } from '../../risk/buffer/schedule.ts';
import { type CorrelationMatrix, uniformCorrelation } from '../../risk/predicted/correlation.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { DEFAULT_CORRELATION, hourlyBetas, hourlyCorrelation } from './correlation.ts';
import type { ForecastStore } from './forecast-store.ts';

/** Hours behind the correlation of the predicted margin: 60 days. */
const CORRELATION_HOURS = 1440;

/** Betas are to this asset. */
export const BETA_REFERENCE = 'BTC';

export interface ForecastSync {
  /** Correlation of hourly returns as of the last load. */
  correlation(): CorrelationMatrix;
  /** Betas to `BETA_REFERENCE` from the same returns; null while there are too few of them, or none of it. */
  betas(): Readonly<Record<string, number>> | null;
  /** Reads everything again now. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Keeps the store in step with the database: loads on every (re)connection and whenever a forecast was stored.
 * Loads never overlap; a request during one is answered by one more afterwards.
 */
export function syncForecasts(options: {
  readonly database: Database;
  readonly store: ForecastStore;
  readonly assets: readonly string[];
  readonly isCurrent: (schedule: BufferSchedule) => boolean;
  readonly logger: Logger;
}): ForecastSync {
  const { database, store, assets, isCurrent, logger } = options;
  let correlation = uniformCorrelation(assets, DEFAULT_CORRELATION);
  let betas: Readonly<Record<string, number>> | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let closed = false;

  const load = async (): Promise<void> => {
    const rows = await latestForecasts(database.orm);
    for (const asset of assets) {
      store.setForecasts(
        asset,
        rows.filter((row) => row.asset === asset).map((row) => row.body as VolatilityForecast),
      );
    }
    for (const row of await loadBufferSchedules(database.orm)) {
      const schedule = row.schedule as BufferSchedule;
      if (isCurrent(schedule)) store.setBuffer(schedule);
    }
    const history = new Map<string, readonly HourlyBar[]>();
    for (const asset of assets) {
      const last = await lastCandle(database.orm, asset);
      if (last === null) continue;
      const fromMs = last.tsMs - CORRELATION_HOURS * MS_PER_HOUR;
      history.set(asset, await readCandles(database.orm, asset, { fromMs }));
    }
    if (history.size === 0) return;
    correlation = hourlyCorrelation(history);
    betas = hourlyBetas(history, BETA_REFERENCE);
  };

  const reload = (): Promise<void> => {
    if (running !== null) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        await load();
      } while (again && !closed);
    })().finally(() => {
      running = null;
    });
    return running;
  };

  const reloadQuietly = () => {
    if (closed) return;
    reload().catch((error) => logger.warn({ err: error }, 'forecasts could not be read from the database'));
  };
  const listener: Listener = listen({
    url: database.url,
    channels: [FORECASTS_CHANNEL],
    onMessage: reloadQuietly,
    onGap: reloadQuietly,
    logger,
  });
  return {
    correlation: () => correlation,
    betas: () => betas,
    reload,
    async close() {
      closed = true;
      await listener.close();
      await running?.catch(() => undefined);
    },
  };
}
