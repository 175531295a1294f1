import { HAR_WINDOWS_HOURS, meanVariance } from '../features/har-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { isComplete, RowStore } from '../features/row-store.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { FIRST_REFIT_ROW, LEAST_USABLE_ROWS, REFIT_EVERY_ROWS } from './expanding-regression.ts';
import { evaluateFit, type LinearFit, NormalEquations } from './normal-equations.ts';
import { emptyForecasts, type RawForecasts, type RawModel } from './raw-model.ts';

/**
 * HAR in levels (Corsi 2009): Y_h / h on the hourly, daily, weekly and monthly mean variance by least squares,
 * expanding, refitted every 730 rows; a forecast is kept within the range of its past targets.
 */
export class Har implements RawModel {
  readonly name = 'HAR';
  readonly version = '1.0.0';
  private readonly store = new RowStore(HAR_WINDOWS_HOURS.length);
  private readonly states = HORIZONS_HOURS.map((h) => ({
    h,
    equations: new NormalEquations(HAR_WINDOWS_HOURS.length),
    lowest: Number.POSITIVE_INFINITY,
    highest: Number.NEGATIVE_INFINITY,
    fit: null as (LinearFit & { readonly floor: number; readonly ceiling: number }) | null,
  }));
  private readonly out = emptyForecasts(HORIZONS_HOURS.length);

  push(grid: HourlyGrid, i: number): RawForecasts {
    const row = this.store.append();
    HAR_WINDOWS_HOURS.forEach((n, k) => {
      row[k] = meanVariance(grid, i, n);
    });
    this.states.forEach((state, k) => {
      const j = i - state.h;
      const y = grid.realised(j, state.h) / state.h;
      if (j >= 0 && Number.isFinite(y) && isComplete(this.store.row(j))) {
        state.equations.add(this.store.raw, j * this.store.width, 0, y);
        state.lowest = Math.min(state.lowest, y);
        state.highest = Math.max(state.highest, y);
      }
      const due = i >= FIRST_REFIT_ROW && (i - FIRST_REFIT_ROW) % REFIT_EVERY_ROWS === 0;
      if (due && state.equations.count >= LEAST_USABLE_ROWS) {
        state.fit = { ...state.equations.solve(), floor: state.lowest, ceiling: state.highest };
      }
      const { fit } = state;
      const mean =
        fit === null
          ? Number.NaN
          : Math.min(Math.max(evaluateFit(fit, row, 0, 0), fit.floor), fit.ceiling) * state.h;
      this.out.mean[k] = mean;
      this.out.log[k] = Math.log(mean);
    });
    return this.out;
  }
}
