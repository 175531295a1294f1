import { join } from 'node:path';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import { LEAST_USABLE_ROWS } from '../baselines/expanding-regression.ts';
import { emptyForecasts, type RawForecasts, type RawModel } from '../baselines/raw-model.ts';
import type { HarxContext } from '../features/harx-columns.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { QUANTILES } from '../network/architecture.ts';
import type { ArtifactInfo } from '../network/artifact.ts';
import type { AssetRows } from '../network/dataset.ts';
import { LinearHorizons } from '../network/linear-horizons.ts';
import type { Tf } from '../network/loader.ts';
import { NETWORK_NAME, NETWORK_REFIT_EVERY_HOURS } from '../network/options.ts';
import { createPredictor, type Predictions } from '../network/predict.ts';
import { ResidualForecast } from '../network/residual-forecast.ts';
import { type Network, type TrainingOptions, trainNetwork } from '../network/train-network.ts';
import { trainEnsemble } from './train-ensemble.ts';

const HORIZONS = HORIZONS_HOURS.length;
const LONGEST_MS = HORIZONS_HOURS.at(-1)! * MS_PER_HOUR;
const REFIT_MS = NETWORK_REFIT_EVERY_HOURS * MS_PER_HOUR;

/**
 * Times of the refits that serve decision times in [fromMs, toMs): every 4380 hours, the first a year before
 * `fromMs`, so that the level calibration of the first scored row rests on forecasts made out of sample as well.
 */
export function refitTimes(range: { readonly fromMs: UnixMs; readonly toMs: UnixMs }): UnixMs[] {
  const times: UnixMs[] = [];
  for (let t = range.fromMs - 2 * REFIT_MS; t < range.toMs; t += REFIT_MS) times.push(t);
  return times;
}

/** Predictions of one asset by decision time. */
export interface PredictedRows {
  readonly rowAt: ReadonlyMap<UnixMs, number>;
  readonly base: Float64Array;
  readonly predictions: Predictions;
}

export interface Refit {
  readonly fromMs: UnixMs;
  readonly networks: readonly Network[];
}

/** Where refits are kept, so that an interrupted walk goes on and a second one costs no training. */
export interface RefitStore {
  readonly dir: string;
  /** SHA-256 of the data files read, by asset: refits of other data are not taken. */
  readonly dataSha256: Readonly<Record<string, string>>;
  readonly backend: string;
}

/**
 * Trains the ensemble at every refit time on the rows whose targets had ended by then. Times with fewer than
 * LEAST_USABLE_ROWS of them have no refit: there is none at all when history begins too late for the range.
 */
export async function trainRefits(
  tf: Tf,
  training: readonly AssetRows[],
  range: { readonly fromMs: UnixMs; readonly toMs: UnixMs },
  options: TrainingOptions,
  seeds: readonly number[],
  report: (line: string) => void,
  store?: RefitStore,
): Promise<Refit[]> {
  const refits: Refit[] = [];
  for (const fromMs of refitTimes(range)) {
    const date = new Date(fromMs).toISOString();
    const rows = training.reduce((sum, one) => sum + lowerBound(one.decisionMs, fromMs - LONGEST_MS), 0);
    if (rows < LEAST_USABLE_ROWS) {
      report(`refit ${date}: ${rows} rows are too few`);
      continue;
    }
    const networks: Network[] = [];
    if (store !== undefined) {
      const info: ArtifactInfo = {
        name: NETWORK_NAME,
        version: 'walk-forward',
        trainedUntilMs: fromMs,
        assets: training.map((one) => one.asset),
        dataSha256: store.dataSha256,
        options,
        seeds,
        backend: store.backend,
        metrics: {},
      };
      const dir = join(store.dir, date.slice(0, 13));
      const named = (line: string) => report(`refit ${date} ${line}`);
      networks.push(...(await trainEnsemble(tf, training, dir, info, named)));
    } else {
      for (const seed of seeds) {
        let last = Number.NaN;
        networks.push(
          await trainNetwork(tf, training, fromMs, options, seed, (_, loss) => {
            last = loss;
          }),
        );
        report(`refit ${date} seed ${seed}: ${rows} rows, training loss ${last.toFixed(4)}`);
      }
    }
    refits.push({ fromMs, networks });
  }
  return refits;
}

/** Predicts every row of an asset with the refit in force at its decision time; rows before the first have none. */
export function predictWalk(tf: Tf, rows: AssetRows, refits: readonly Refit[]): PredictedRows {
  const width = rows.dense.length / Math.max(1, rows.rows);
  const shift = new Float32Array(rows.rows * HORIZONS).fill(Number.NaN);
  const quantiles = new Float32Array(rows.rows * HORIZONS * QUANTILES).fill(Number.NaN);
  refits.forEach((refit, at) => {
    const until = refits[at + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
    const from = lowerBound(rows.decisionMs, refit.fromMs);
    const to = lowerBound(rows.decisionMs, until);
    if (to <= from) return;
    const predictor = createPredictor(tf, refit.networks);
    const part = predictor.predict({
      rows: to - from,
      dense: rows.dense.subarray(from * width, to * width),
      cells: rows.cells.subarray(2 * from, 2 * to),
    });
    predictor.dispose();
    shift.set(part.shift, from * HORIZONS);
    quantiles.set(part.quantiles, from * HORIZONS * QUANTILES);
  });
  const rowAt = new Map(Array.from(rows.decisionMs, (ms, row) => [ms, row] as const));
  return { rowAt, base: rows.base, predictions: { shift, quantiles } };
}

/**
 * The network in a walk whose predictions were made beforehand, in batches, by the refits in force. It must be pushed
 * every row, for the linear model beside it is walked here. Before the first refit it has no forecast, or with
 * `linearBefore` that of its linear base, as serving falls back to it.
 */
export function createPredictedModel(
  version: string,
  predicted: PredictedRows,
  context: HarxContext,
  linearBefore = false,
): RawModel {
  const beside = new LinearHorizons(context);
  const out = new ResidualForecast(beside.horizons);
  const linear = emptyForecasts(HORIZONS);
  return {
    name: NETWORK_NAME,
    version,
    push(grid: HourlyGrid, i: number): RawForecasts {
      beside.push(grid, i);
      const row = predicted.rowAt.get(grid.decisionMs(i));
      if (row === undefined) return out.clear();
      const { base, predictions } = predicted;
      if (!linearBefore || !Number.isNaN(predictions.shift[row * HORIZONS]!))
        return out.set(base, row * HORIZONS, predictions, row);
      for (let k = 0; k < HORIZONS; k++) {
        linear.log[k] = base[row * HORIZONS + k]!;
        linear.mean[k] = Math.exp(linear.log[k]!);
      }
      return linear;
    },
  };
}

/** First index whose time is at or after `ms`. */
function lowerBound(times: Float64Array, ms: UnixMs): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < ms) low = middle + 1;
    else high = middle;
  }
  return low;
}
