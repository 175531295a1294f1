import { safeLog } from '../features/har-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { emptyForecasts, type RawModel } from './raw-model.ts';

/** A model whose forecast is a function of the present row alone. */
function stateless(name: string, mean: (grid: HourlyGrid, i: number, h: number) => number): RawModel {
  const out = emptyForecasts(HORIZONS_HOURS.length);
  return {
    name,
    version: '1.0.0',
    push(grid, i) {
      HORIZONS_HOURS.forEach((h, k) => {
        const value = mean(grid, i, h);
        out.mean[k] = Number.isNaN(value) ? value : Math.max(value, 1e-10);
        out.log[k] = safeLog(value);
      });
      return out;
    },
  };
}

/** Mean variance of the last 365 days times the horizon. */
export function createClimatology(): RawModel {
  return stateless('climatology', (grid, i, h) => (grid.variance.trail(i, 8760) / 8760) * h);
}

/** The last h hours repeat. */
export function createRandomWalk(): RawModel {
  return stateless('random walk', (grid, i, h) => grid.variance.trail(i, h));
}
