import type { VolatilityForecast } from '../../models/forecast.ts';
import type { BufferSchedule } from '../../risk/buffer/schedule.ts';
import type { VolatilityView } from '../../risk/market/market-data.ts';

/** The forecast as the predictive buffer reads it. */
export function volatilityView(forecast: VolatilityForecast): VolatilityView {
  return {
    asset: forecast.asset,
    horizonHours: forecast.horizonHours,
    asOfMs: forecast.asOfMs,
    varianceQuantiles: forecast.quantiles,
    meanVariance: forecast.meanVariance,
    referenceVariance: forecast.referenceVariance,
    model: forecast.model,
    modelVersion: forecast.modelVersion,
    limitations: forecast.limitations,
  };
}

/**
 * Latest forecasts and buffer schedules of this process, copied from the database, which is the truth: every
 * process that holds the same rows gives the same answer for the same moment.
 */
export class ForecastStore {
  readonly #forecasts = new Map<string, readonly VolatilityForecast[]>();
  readonly #views = new Map<string, ReadonlyMap<number, VolatilityView>>();
  readonly #buffers = new Map<string, BufferSchedule>();

  /** Takes the forecasts of one asset unless those held are newer. */
  setForecasts(asset: string, forecasts: readonly VolatilityForecast[]): void {
    const held = this.#forecasts.get(asset)?.[0];
    const offered = forecasts[0];
    if (!offered || (held && held.asOfMs > offered.asOfMs)) return;
    const ordered = [...forecasts].sort((a, b) => a.horizonHours - b.horizonHours);
    this.#forecasts.set(asset, ordered);
    this.#views.set(
      asset,
      new Map(ordered.map((forecast) => [forecast.horizonHours, volatilityView(forecast)])),
    );
  }

  /** Takes a schedule unless the one held was advanced later. */
  setBuffer(schedule: BufferSchedule): void {
    const held = this.#buffers.get(schedule.asset);
    if (held && held.key === schedule.key && held.updatedAtMs > schedule.updatedAtMs) return;
    this.#buffers.set(schedule.asset, schedule);
  }

  forecasts(asset: string): readonly VolatilityForecast[] {
    return this.#forecasts.get(asset) ?? [];
  }

  /** Live maps: they follow the store. A snapshot is taken and used within one synchronous calculation. */
  get views(): ReadonlyMap<string, ReadonlyMap<number, VolatilityView>> {
    return this.#views;
  }

  get buffers(): ReadonlyMap<string, BufferSchedule> {
    return this.#buffers;
  }
}
