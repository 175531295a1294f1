import type { RawForecasts } from '../baselines/raw-model.ts';
import { CalibratedHorizon } from '../calibration/calibrated-horizon.ts';
import { HorizonMonitor } from '../calibration/horizon-monitor.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import type { FitnessReason, ServedModel } from './fitness.ts';

/** One model with its own walk-forward calibration at every horizon, and how it did lately. */
export class CalibratedModel {
  readonly model: ServedModel;
  readonly horizons: readonly CalibratedHorizon[] = HORIZONS_HOURS.map((h) => new CalibratedHorizon(h));
  /** One per horizon, or none where nobody watches. */
  readonly monitors: readonly HorizonMonitor[];
  private raw: RawForecasts | null = null;

  constructor(model: ServedModel, watched = false) {
    this.model = model;
    this.monitors = watched ? HORIZONS_HOURS.map((h) => new HorizonMonitor(h)) : [];
  }

  step(grid: HourlyGrid, i: number): void {
    const raw = this.model.push(grid, i);
    this.raw = raw;
    this.horizons.forEach((horizon, k) => {
      horizon.step(grid, i, raw.mean[k]!, raw.log[k]!, raw.knots?.[k]);
      this.monitors[k]?.step(grid, i, horizon);
    });
  }

  /**
   * Why it cannot serve row i, the last of the grid, with at least `errorRows` calibrated errors behind every horizon;
   * null when it can.
   */
  refusal(grid: HourlyGrid, i: number, errorRows: number): FitnessReason | null {
    const unfit = this.model.unfit?.(grid, i) ?? null;
    if (unfit !== null) return unfit;
    const { name } = this.model;
    if (this.horizons.some((horizon) => horizon.errorRows < errorRows)) {
      const message = `${grid.length} hours of history are too few for a calibrated ${name}`;
      return { code: 'short-history', message };
    }
    if (this.horizons.every((horizon, k) => Number.isFinite(horizon.log) && this.complete(horizon, k)))
      return null;
    return { code: 'no-output', message: `${name} gave no finite forecast` };
  }

  /**
   * P(Y_h > y) at horizon index k as seen from the last row, pooled with the model beside where there is one; NaN as
   * for CalibratedHorizon.
   */
  probabilityAbove(k: number, y: number): number {
    const own = this.horizons[k]!.probabilityAbove(y);
    const beside = this.raw?.beside;
    const other = beside?.horizons[k]?.probabilityAbove(y) ?? Number.NaN;
    return beside === undefined || Number.isNaN(other)
      ? own
      : beside.ownShare * own + (1 - beside.ownShare) * other;
  }

  outOfRange(k: number): boolean {
    return this.raw?.outOfRange[k] ?? false;
  }

  private complete(horizon: CalibratedHorizon, k: number): boolean {
    const knots = this.raw?.knots?.[k];
    return horizon.mean > 0 && Number.isFinite(horizon.mean) && (knots?.every(Number.isFinite) ?? true);
  }
}
