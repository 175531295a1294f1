import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { emptyForecasts, type RawForecasts, type RawModel } from './raw-model.ts';

/** RiskMetrics' daily decay, per hour. */
export const EWMA_DECAY_PER_HOUR = 0.94 ** (1 / 24);
/** Rows before the first forecast. */
export const EWMA_FIRST_ROW = 24;

/**
 * Exponentially weighted mean of squared hourly returns, times the horizon. Weights are normalised by their sum, so
 * that a short history is not pulled towards its first value.
 */
export class Ewma implements RawModel {
  readonly name = 'EWMA';
  readonly version = '1.0.0';
  private weighted = 0;
  private weights = 0;
  private readonly out = emptyForecasts(HORIZONS_HOURS.length);

  push(grid: HourlyGrid, i: number): RawForecasts {
    if (i > 0) {
      this.weighted = EWMA_DECAY_PER_HOUR * this.weighted + grid.squaredReturns.at(i);
      this.weights = EWMA_DECAY_PER_HOUR * this.weights + 1;
    }
    const variance = i >= EWMA_FIRST_ROW ? this.weighted / this.weights : Number.NaN;
    HORIZONS_HOURS.forEach((h, k) => {
      this.out.mean[k] = variance > 0 ? variance * h : Number.NaN;
      this.out.log[k] = Math.log(this.out.mean[k]!);
    });
    return this.out;
  }
}
