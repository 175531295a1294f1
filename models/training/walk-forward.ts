import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import type { RawForecasts, RawModel } from '../baselines/raw-model.ts';
import type { HourlyGrid } from '../features/hourly-grid.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import { QUANTILES } from '../network/architecture.ts';
import type { AssetRows } from '../network/dataset.ts';
import type { Tf } from '../network/loader.ts';
import { NETWORK_NAME, NETWORK_REFIT_EVERY_HOURS } from '../network/options.ts';
import { createPredictor, type Predictions } from '../network/predict.ts';
import { ResidualForecast } from '../network/residual-forecast.ts';
import { type Network, type TrainingOptions, trainNetwork } from '../network/train-network.ts';

const HORIZONS = HORIZONS_HOURS.length;
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

/** Trains the ensemble at every refit time on the rows whose targets had ended by then. */
export async function trainRefits(
  tf: Tf,
  training: readonly AssetRows[],
  range: { readonly fromMs: UnixMs; readonly toMs: UnixMs },
  options: TrainingOptions,
  seeds: readonly number[],
  report: (line: string) => void,
): Promise<Refit[]> {
  const refits: Refit[] = [];
  for (const fromMs of refitTimes(range)) {
    const networks: Network[] = [];
    for (const seed of seeds) {
      let last = Number.NaN;
      networks.push(
        await trainNetwork(tf, training, fromMs, options, seed, (_, loss) => {
          last = loss;
        }),
      );
      report(`refit ${new Date(fromMs).toISOString()} seed ${seed}: training loss ${last.toFixed(4)}`);
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

/** The network in a walk whose predictions were made beforehand, in batches, by the refits in force. */
export function createPredictedModel(version: string, predicted: PredictedRows): RawModel {
  const out = new ResidualForecast();
  return {
    name: NETWORK_NAME,
    version,
    push(grid: HourlyGrid, i: number): RawForecasts {
      const row = predicted.rowAt.get(grid.decisionMs(i));
      return row === undefined
        ? out.clear()
        : out.set(predicted.base, row * HORIZONS, predicted.predictions, row);
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
