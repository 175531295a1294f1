import type { RawForecasts, RawModel } from '../baselines/raw-model.ts';
import { CalibratedHorizon } from '../calibration/calibrated-horizon.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';

/** One model with its own walk-forward calibration at every horizon. */
export class CalibratedModel {
  readonly model: RawModel;
  readonly horizons: readonly CalibratedHorizon[] = HORIZONS_HOURS.map((h) => new CalibratedHorizon(h));
  private raw: RawForecasts | null = null;

  constructor(model: RawModel) {
    this.model = model;
  }

  step(grid: HourlyGrid, i: number): void {
    const raw = this.model.push(grid, i);
    this.raw = raw;
    this.horizons.forEach((horizon, k) => {
      horizon.step(grid, i, raw.mean[k]!, raw.log[k]!, raw.knots?.[k]);
    });
  }

  /** Whether every horizon has a forecast at the last row with at least `errorRows` calibrated errors behind it. */
  ready(errorRows: number): boolean {
    return this.horizons.every((horizon) => horizon.errorRows >= errorRows && Number.isFinite(horizon.log));
  }

  outOfRange(k: number): boolean {
    return this.raw?.outOfRange[k] ?? false;
  }
}
