import { InvalidInputError } from '../../risk/errors.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { RowStore } from '../features/row-store.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { ExpandingRegression, type RegressionOptions } from './expanding-regression.ts';
import { emptyForecasts, type RawForecasts, type RawModel } from './raw-model.ts';

export interface ColumnSet {
  readonly width: number;
  /** Writes the columns of row i; they may read rows <= i only. */
  write(grid: HourlyGrid, i: number, out: Float64Array): void;
}

/** Walk-forward regressions of all horizons on one set of columns. */
export class RegressionModel implements RawModel {
  readonly name: string;
  readonly version: string;
  private readonly columns: ColumnSet;
  readonly store: RowStore;
  readonly regressions: readonly ExpandingRegression[];
  private readonly out = emptyForecasts(HORIZONS_HOURS.length);

  constructor(
    identity: { readonly name: string; readonly version: string },
    columns: ColumnSet,
    options: Omit<RegressionOptions, 'horizonHours'>,
  ) {
    this.name = identity.name;
    this.version = identity.version;
    this.columns = columns;
    this.store = new RowStore(columns.width);
    this.regressions = HORIZONS_HOURS.map(
      (horizonHours) => new ExpandingRegression(this.store, { ...options, horizonHours }),
    );
  }

  push(grid: HourlyGrid, i: number): RawForecasts {
    if (i !== this.store.length)
      throw new InvalidInputError('i', `row ${i} pushed after ${this.store.length} rows`);
    this.columns.write(grid, i, this.store.append());
    this.regressions.forEach((regression, k) => {
      regression.step(grid, i);
      this.out.mean[k] = regression.mean;
      this.out.log[k] = regression.log;
      this.out.outOfRange[k] = regression.outOfRange;
    });
    return this.out;
  }
}
