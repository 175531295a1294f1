import { setImmediate as breathe } from 'node:timers/promises';
import type { HourlyBar, VolatilityForecast } from '../../models/forecast.ts';
import { InsufficientHistoryError } from '../../models/serving/errors.ts';
import { createForecaster, type Forecaster } from '../../models/serving/forecaster.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';

/** Bars between two pauses, a week: some 20 ms of work, so that a process that also answers is not held up for long. */
const BARS_AT_A_TIME = 168;

/**
 * The forecasts that logHAR (and EWMA before it is calibrated) would have made at the closes that are multiples of
 * `spacingHours`, each from the bars up to it alone. Hours with too little history before them have none.
 */
export async function walkForecasts(
  asset: string,
  bars: readonly HourlyBar[],
  horizonHours: number,
  spacingHours: number,
  signal: AbortSignal,
): Promise<readonly VolatilityForecast[]> {
  const forecaster = createForecaster(asset);
  const found: VolatilityForecast[] = [];
  for (const [index, bar] of bars.entries()) {
    forecaster.push(bar);
    if ((bar.tsMs + MS_PER_HOUR) % (spacingHours * MS_PER_HOUR) === 0) {
      const forecast = currentOf(forecaster).find((one) => one.horizonHours === horizonHours);
      if (forecast !== undefined) found.push(forecast);
    }
    if (index % BARS_AT_A_TIME !== 0) continue;
    await breathe();
    signal.throwIfAborted();
  }
  return found;
}

function currentOf(forecaster: Forecaster): readonly VolatilityForecast[] {
  try {
    return forecaster.current();
  } catch (error) {
    if (error instanceof InsufficientHistoryError) return [];
    throw error;
  }
}
