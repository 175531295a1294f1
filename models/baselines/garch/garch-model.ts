import type { HourlyGrid } from '../../features/hourly-grid.ts';
import { SEASONAL_CELLS, seasonalCell, seasonalMeans } from '../../features/seasonal.ts';
import { HORIZONS_HOURS } from '../../forecast.ts';
import { emptyForecasts, type RawForecasts, type RawModel } from '../raw-model.ts';
import { fitGarch, type GarchFit } from './fit-garch.ts';
import { forecastVariances, type GarchSpec, nextState } from './garch.ts';

export const GARCH_REFIT_EVERY_ROWS = 2190;
export const GARCH_WINDOW_ROWS = 26_280;
export const GARCH_FIRST_REFIT_ROW = 8760;
const LONGEST_HORIZON = 24;

/**
 * GARCH on hourly returns divided by the root of their 48-cell season (mean squared return per cell), refitted every
 * 2190 hours on the last three years. Variances of the hours to come are multiplied by their cells' seasons. A filled hour
 * is no observation: it enters neither fit nor season, and the variance moves through it as it is expected to.
 * `firstRow` skips the refits whose forecasts nobody needs; it changes no forecast from that row on except through
 * the warm start of the optimiser.
 */
export class GarchModel implements RawModel {
  readonly name: string;
  readonly version = '1.0.0';
  private readonly spec: GarchSpec;
  private readonly firstRow: number;
  private fit: GarchFit | null = null;
  private season = new Float64Array(SEASONAL_CELLS);
  /** Variance of the next deseasonalised return. */
  private state = Number.NaN;
  private readonly out = emptyForecasts(HORIZONS_HOURS.length);

  constructor(name: string, spec: Pick<GarchSpec, 'asymmetric' | 'distribution'>, firstRow = 0) {
    this.name = name;
    this.spec = { ...spec, power: 2, start: 'backcast' };
    this.firstRow = firstRow;
  }

  push(grid: HourlyGrid, i: number): RawForecasts {
    const sinceFirst = i - GARCH_FIRST_REFIT_ROW;
    const due = sinceFirst >= 0 && sinceFirst % GARCH_REFIT_EVERY_ROWS === 0;
    if (due && i > this.firstRow - GARCH_REFIT_EVERY_ROWS) this.refit(grid, i);
    else if (this.fit !== null && grid.missing.at(i) === 1)
      this.state = forecastVariances(this.fit.parameters, this.state, 2)[1]!;
    else if (this.fit !== null) {
      const residual =
        grid.returns.at(i) / Math.sqrt(this.season[seasonalCell(grid.tsMs(i))]!) - this.fit.parameters.mu;
      this.state = nextState(this.fit.parameters, this.spec, residual, this.state);
    }
    this.forecast(grid, i);
    return this.out;
  }

  private refit(grid: HourlyGrid, i: number): void {
    const from = Math.max(1, i - GARCH_WINDOW_ROWS + 1);
    const rows: number[] = [];
    for (let t = from; t <= i; t++) if (grid.missing.at(t) === 0) rows.push(t);
    const cells = Uint8Array.from(rows, (t) => seasonalCell(grid.tsMs(t)));
    const squares = Float64Array.from(rows, (t) => grid.squaredReturns.at(t));
    this.season = Float64Array.from(seasonalMeans(squares, cells));
    const y = Float64Array.from(rows, (t, at) => grid.returns.at(t) / Math.sqrt(this.season[cells[at]!]!));
    this.fit = fitGarch(y, this.spec, this.fit?.parameters);
    this.state = this.fit.next;
  }

  private forecast(grid: HourlyGrid, i: number): void {
    if (this.fit === null) return;
    const variances = forecastVariances(this.fit.parameters, this.state, LONGEST_HORIZON);
    let sum = 0;
    let k = 0;
    for (let step = 1; step <= LONGEST_HORIZON; step++) {
      sum += variances[step - 1]! * this.season[seasonalCell(grid.tsMs(i + step))]!;
      if (step !== HORIZONS_HOURS[k]) continue;
      this.out.mean[k] = sum;
      this.out.log[k] = Math.log(sum);
      k += 1;
    }
  }
}
