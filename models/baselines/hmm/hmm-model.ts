import { safeLog } from '../../features/har-columns.ts';
import type { HourlyGrid } from '../../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../../forecast.ts';
import { emptyForecasts, type RawForecasts, type RawModel } from '../raw-model.ts';
import { filterStep, fitTwoState, predictStep, type TwoStateHmm } from './two-state.ts';

export const HMM_REFIT_EVERY_ROWS = 4380;
export const HMM_WINDOW_ROWS = 17_520;
export const HMM_FIRST_REFIT_ROW = 8760;

/**
 * Two-state hidden Markov model of the log hourly variance, refitted every 4380 hours on the last two years. The
 * forecast is the sum over the coming hours of the states' mean variances under filtered, never smoothed,
 * probabilities.
 */
export class HmmModel implements RawModel {
  readonly name = 'HMM';
  readonly version = '1.0.0';
  private model: TwoStateHmm | null = null;
  private levels: readonly [number, number] = [0, 0];
  private probability = 0.5;
  private readonly out = emptyForecasts(HORIZONS_HOURS.length);

  push(grid: HourlyGrid, i: number): RawForecasts {
    const sinceFirst = i - HMM_FIRST_REFIT_ROW;
    if (sinceFirst >= 0 && sinceFirst % HMM_REFIT_EVERY_ROWS === 0) this.refit(grid, i);
    else if (this.model !== null) {
      this.probability = filterStep(this.model, this.probability, safeLog(grid.variance.at(i)));
    }
    if (this.model === null) return this.out;
    let ahead = this.probability;
    let sum = 0;
    let k = 0;
    for (let step = 1; k < HORIZONS_HOURS.length; step++) {
      ahead = predictStep(this.model, ahead);
      sum += (1 - ahead) * this.levels[0] + ahead * this.levels[1];
      if (step !== HORIZONS_HOURS[k]) continue;
      this.out.mean[k] = sum;
      this.out.log[k] = Math.log(sum);
      k += 1;
    }
    return this.out;
  }

  private refit(grid: HourlyGrid, i: number): void {
    const from = Math.max(0, i - HMM_WINDOW_ROWS + 1);
    const x = Float64Array.from({ length: i + 1 - from }, (_, t) => safeLog(grid.variance.at(from + t)));
    const fit = fitTwoState(x, this.model);
    this.model = fit.model;
    this.probability = fit.last;
    let high = 0;
    let highWeight = 0;
    let calm = 0;
    fit.posterior.forEach((p, t) => {
      high += p * grid.variance.at(from + t);
      calm += (1 - p) * grid.variance.at(from + t);
      highWeight += p;
    });
    this.levels = [calm / (x.length - highWeight), high / highWeight];
  }
}
