import type { UnixMs } from '../../risk/units/time.ts';
import type { RawForecasts, RawModel } from '../baselines/raw-model.ts';
import type { HarxContext } from '../features/harx-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { NetworkColumns } from './network-columns.ts';
import { NETWORK_NAME } from './options.ts';
import type { Predictor } from './predict.ts';
import { ResidualForecast } from './residual-forecast.ts';

/**
 * The network, hour by hour: its own walk-forward logHARX168, and over it the residual the trained ensemble predicts.
 * `outOfRange` follows the linear model: a present it was not fitted on is one the network was not trained on.
 */
export class NetworkModel implements RawModel {
  readonly name = NETWORK_NAME;
  readonly version: string;
  private readonly columns: NetworkColumns;
  private readonly predictor: Predictor;
  private readonly fromMs: UnixMs;
  private readonly out = new ResidualForecast();

  /** Rows decided before `fromMs` get no forecast: a long history need not be predicted row by row. */
  constructor(version: string, predictor: Predictor, context: HarxContext, fromMs: UnixMs = 0) {
    this.version = version;
    this.predictor = predictor;
    this.fromMs = fromMs;
    this.columns = new NetworkColumns(context);
  }

  push(grid: HourlyGrid, i: number): RawForecasts {
    const { columns } = this;
    columns.push(grid, i);
    if (!columns.complete || grid.decisionMs(i) < this.fromMs) return this.out.clear();
    const cells = [columns.utcCell, columns.newYorkCell];
    const predictions = this.predictor.predict({ rows: 1, dense: columns.dense, cells });
    const strange = columns.linear.regressions.some((regression) => regression.outOfRange);
    return this.out.set(columns.base, 0, predictions, 0, strange);
  }
}
