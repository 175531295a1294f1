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
 * Keeps the store in step with the database: loads everything on every (re)connection and what is new whenever a
 * forecast was stored.
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
  /** The next load reads the whole window: notifications may have been missed, or an older hour may have changed. */
  let whole = true;
  /** Assets whose forecasts were stored since the last load. */
  let changed = new Set<string>();
  let closed = false;

  const history = new Map<string, readonly HourlyBar[]>();

  const load = async (everything: boolean, named: ReadonlySet<string>): Promise<void> => {
    for (const asset of assets) {
      if (!everything && !named.has(asset)) continue;
      const rows = await latestForecasts(database.orm, asset);
      store.setForecasts(
        asset,
        rows.map((row) => row.body as VolatilityForecast),
      );
    }
    for (const row of await loadBufferSchedules(database.orm)) {
      const schedule = row.schedule as BufferSchedule;
      if (isCurrent(schedule)) store.setBuffer(schedule);
    }
    let grown = false;
    for (const asset of assets) grown = (await readNew(asset, everything)) || grown;
    if (!grown) return;
    correlation = hourlyCorrelation(history);
    betas = hourlyBetas(history, BETA_REFERENCE);
  };

  /** Candles after those held, the last of which is read again: it may have been replaced. */
  const readNew = async (asset: string, everything: boolean): Promise<boolean> => {
    const held = everything ? [] : (history.get(asset) ?? []);
    const heldLast = held.at(-1);
    const last = heldLast ?? (await lastCandle(database.orm, asset));
    if (last === null) return false;
    const fromMs = heldLast?.tsMs ?? last.tsMs - CORRELATION_HOURS * MS_PER_HOUR;
    const fresh = await readCandles(database.orm, asset, { fromMs });
    const newest = fresh.at(-1);
    if (newest === undefined) return false;
    const same = fresh.length === 1 && newest.close === heldLast?.close;
    if (same) return false;
    const firstMs = newest.tsMs - CORRELATION_HOURS * MS_PER_HOUR;
    history.set(asset, [...held.filter(({ tsMs }) => tsMs >= firstMs && tsMs < fromMs), ...fresh]);
    return true;
  };

  const refresh = (): Promise<void> => {
    if (running !== null) {
      again = true;
      return running;
    }
    running = (async () => {
      do {
        again = false;
        const everything = whole;
        const named = changed;
        whole = false;
        changed = new Set();
        try {
          await load(everything, named);
        } catch (error) {
          // What was missed is not known any more.
          whole = true;
          throw error;
        }
      } while (again && !closed);
    })().finally(() => {
      running = null;
    });
    return running;
  };

  const reload = (): Promise<void> => {
    whole = true;
    return refresh();
  };

  const refreshQuietly = () => {
    if (closed) return;
    refresh().catch((error) => logger.warn({ err: error }, 'forecasts could not be read from the database'));
  };
  const listener: Listener = listen({
    url: database.url,
    channels: [FORECASTS_CHANNEL],
    onMessage: (_channel, payload) => {
      const { asset, backfilled } = payload as { readonly asset: string; readonly backfilled?: boolean };
      changed.add(asset);
      whole ||= backfilled === true;
      refreshQuietly();
    },
    onGap: () => {
      whole = true;
      refreshQuietly();
    },
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
