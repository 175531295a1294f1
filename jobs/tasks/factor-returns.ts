import { z } from 'zod';
import { FACTOR_RETURNS_CHANNEL, notify } from '../../db/channels.ts';
import type { Database } from '../../db/connection.ts';
import { readCandles } from '../../db/queries/candles.ts';
import {
  completeFactorReturns,
  forecastsAfter,
  insertFactorReturns,
  newestFactorReturn,
} from '../../db/queries/factor-returns.ts';
import type { HourlyBar, VolatilityForecast } from '../../models/forecast.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';
import { defineTask } from '../task.ts';

export interface FactorReturnsPorts {
  readonly database: Database;
  readonly assets: readonly string[];
  readonly horizonHours: number;
  /** Hours between decision times of the series. */
  readonly spacingHours: number;
  /**
   * The forecasts at this horizon that would have been made at the close of each bar whose close is a multiple of the
   * spacing, from bars up to it alone. Called once per asset, to begin its series.
   */
  walk(
    asset: string,
    bars: readonly HourlyBar[],
    signal: AbortSignal,
  ): Promise<readonly VolatilityForecast[]>;
}

/**
 * Keeps the walk-forward series of factor returns: begins it from history, adds the forecasts that were made since, and
 * fills in what came of them once their horizon has passed.
 */
export const factorReturns = defineTask({
  name: 'factor-returns',
  payload: z.strictObject({}),
  timeoutMs: 300_000,
  attempts: 3,
  backoff: { delayMs: 5_000, jitter: 0.5 },
  async run(_payload, ports: FactorReturnsPorts, { signal }) {
    const { database, horizonHours } = ports;
    const added: Record<string, number> = {};
    for (const asset of ports.assets) {
      signal.throwIfAborted();
      const forecasts = await newForecasts(asset, ports, signal);
      signal.throwIfAborted();
      added[asset] = await insertFactorReturns(database.orm, forecasts.map(rowOf));
    }
    const completed = await completeFactorReturns(database.orm);
    if (completed > 0) await notify(database.orm, FACTOR_RETURNS_CHANNEL, { horizonHours });
    return { added, completed };
  },
});

async function newForecasts(
  asset: string,
  { database, horizonHours, spacingHours, walk }: FactorReturnsPorts,
  signal: AbortSignal,
): Promise<readonly VolatilityForecast[]> {
  const newestMs = await newestFactorReturn(database.orm, asset, horizonHours);
  const made = await forecastsAfter(database.orm, asset, horizonHours, newestMs ?? 0);
  // Candles are stored in parts; a forecast is stored after all of them.
  if (made.length === 0) return [];
  if (newestMs === null) return walk(asset, await readCandles(database.orm, asset), signal);
  return (made as VolatilityForecast[]).filter(({ asOfMs }) => asOfMs % (spacingHours * MS_PER_HOUR) === 0);
}

function rowOf({ asset, horizonHours, asOfMs, quantiles, model, modelVersion }: VolatilityForecast) {
  return {
    asset,
    horizonHours,
    asOfMs,
    levels: quantiles.map(({ p }) => p),
    variances: quantiles.map(({ variance }) => variance),
    model,
    version: modelVersion,
  };
}
