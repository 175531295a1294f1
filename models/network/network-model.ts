import type { UnixMs } from '../../risk/units/time.ts';
import type { RawForecasts, RawModel } from '../baselines/raw-model.ts';
import type { HarxContext } from '../features/harx-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import { QUANTILES } from './architecture.ts';
import { type ColumnReference, FeatureMonitor } from './feature-monitor.ts';
import { NetworkColumns } from './network-columns.ts';
import { NETWORK_NAME } from './options.ts';
import type { Predictions, Predictor } from './predict.ts';
import { ResidualForecast } from './residual-forecast.ts';
import { ResidualTrust } from './residual-trust.ts';

export interface NetworkModelOptions {
  /** Rows decided before it get no forecast: a long history need not be predicted row by row. Default 0. */
  readonly fromMs?: UnixMs;
  /** The network was not trained on this asset: believe as much of it as the asset's own past bears out. */
  readonly unseen?: boolean;
  /** Distribution of the inputs at training, to watch theirs now. */
  readonly reference?: readonly ColumnReference[];
}

const MEDIAN = QUANTILE_LEVELS.indexOf(0.5);

/**
 * The network, hour by hour: its own walk-forward logHARX168, and over it the residual the trained ensemble predicts.
 * `outOfRange` follows the linear model: a present it was not fitted on is one the network was not trained on.
 */
export class NetworkModel implements RawModel {
  readonly name = NETWORK_NAME;
  readonly version: string;
  /** Null without a reference. */
  readonly inputs: FeatureMonitor | null;
  private readonly columns: NetworkColumns;
  private readonly predictor: Predictor;
  private readonly fromMs: UnixMs;
  private readonly trust: readonly ResidualTrust[] | null;
  private readonly out: ResidualForecast;

  constructor(
    version: string,
    predictor: Predictor,
    context: HarxContext,
    options: NetworkModelOptions = {},
  ) {
    this.version = version;
    this.predictor = predictor;
    this.fromMs = options.fromMs ?? 0;
    this.columns = new NetworkColumns(context);
    this.out = new ResidualForecast(this.columns.linear.horizons);
    this.trust = options.unseen ? HORIZONS_HOURS.map((h) => new ResidualTrust(h)) : null;
    this.inputs = options.reference === undefined ? null : new FeatureMonitor(options.reference);
  }

  push(grid: HourlyGrid, i: number): RawForecasts {
    const { columns } = this;
    columns.push(grid, i);
    const shares = this.trust?.map((trust) => trust.share(grid, i));
    if (!columns.complete || grid.decisionMs(i) < this.fromMs) {
      this.trust?.forEach((trust) => {
        trust.issue(Number.NaN, Number.NaN);
      });
      return this.out.clear();
    }
    this.inputs?.push(columns.dense);
    const cells = [columns.utcCell, columns.newYorkCell];
    const predictions = this.predictor.predict({ rows: 1, dense: columns.dense, cells });
    this.trust?.forEach((trust, k) => {
      trust.issue(columns.base[k]!, predictions.shift[k]!);
    });
    if (shares !== undefined) believe(predictions, shares);
    const strange = columns.linear.model.regressions.some((regression) => regression.outOfRange);
    return this.out.set(columns.base, 0, predictions, 0, strange);
  }
}

/** Takes the given share of each horizon's shift; the quantiles keep their shape and move with their median. */
function believe({ shift, quantiles }: Predictions, shares: readonly number[]): void {
  shares.forEach((share, k) => {
    shift[k] = share * shift[k]!;
    const less = (share - 1) * quantiles[k * QUANTILES + MEDIAN]!;
    for (let q = 0; q < QUANTILES; q++) {
      quantiles[k * QUANTILES + q] = quantiles[k * QUANTILES + q]! + less;
    }
  });
}
