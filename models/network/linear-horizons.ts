import { createLogHarx168 } from '../baselines/log-harx168.ts';
import { CalibratedHorizon } from '../calibration/calibrated-horizon.ts';
import type { HarxContext } from '../features/harx-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';

/** logHARX168 with its own walk-forward calibration at every horizon: what the network stands on. */
export class LinearHorizons {
  readonly model: ReturnType<typeof createLogHarx168>;
  readonly horizons: readonly CalibratedHorizon[] = HORIZONS_HOURS.map((h) => new CalibratedHorizon(h));

  constructor(context: HarxContext) {
    this.model = createLogHarx168(context);
  }

  push(grid: HourlyGrid, i: number): void {
    const raw = this.model.push(grid, i);
    this.horizons.forEach((horizon, k) => {
      horizon.step(grid, i, raw.mean[k]!, raw.log[k]!);
    });
  }
}
