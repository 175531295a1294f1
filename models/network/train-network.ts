import type { Optimizer, Tensor2D } from '@tensorflow/tfjs-core';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import {
  createVariables,
  forward,
  headBias,
  quantileMatrix,
  readWeights,
  startWeights,
  type Weights,
} from './architecture.ts';
import type { AssetRows } from './dataset.ts';
import type { Tf } from './loader.ts';
import { forecastLoss } from './loss.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';
import { createUniform, shuffle } from './random.ts';
import { type ColumnStatistics, columnStatistics, standardise } from './statistics.ts';

export interface TrainingOptions {
  readonly hidden: readonly number[];
  readonly embedding: number;
  readonly epochs: number;
  readonly batch: number;
  /** Learning rate at the start; falls to zero along a cosine. */
  readonly rate: number;
  /** Decoupled weight decay per step, relative to the learning rate. */
  readonly decay: number;
  /** Rows weigh half after this many days; Infinity for equal weights. */
  readonly halfLifeDays: number;
  readonly pinballWeight: number;
  /** Share of the predicted residual that is believed, per horizon; the rest stays with the linear model. */
  readonly shrink: readonly number[];
}

/** One trained network with the statistics it needs. */
export interface Network {
  readonly weights: Weights;
  readonly statistics: ColumnStatistics;
  /** As trained with: TrainingOptions.shrink. */
  readonly shrink: readonly number[];
}

const WIDTH = NETWORK_COLUMNS.length;
const HORIZONS = HORIZONS_HOURS.length;
const LONGEST_MS = 24 * MS_PER_HOUR;
/** Residuals beyond are cut: QLIKE grows exponentially with them. */
const LARGEST_RESIDUAL = 4;
const LEAST_RESIDUAL = -6;

interface Selection {
  readonly data: AssetRows;
  readonly rows: Uint32Array;
}

/** Rows whose longest target has ended by `untilMs` (purged) and that start at or after `fromMs`. */
export function selectRows(data: readonly AssetRows[], untilMs: UnixMs, fromMs = 0): Selection[] {
  return data.map((one) => ({
    data: one,
    rows: Uint32Array.from(one.decisionMs.keys()).filter(
      (row) => one.decisionMs[row]! + LONGEST_MS <= untilMs && one.decisionMs[row]! >= fromMs,
    ),
  }));
}

/** Start of the heads: the training residuals' own log mean of exp and quantiles. */
function unconditional(selection: readonly Selection[]): Float32Array {
  const per = HORIZONS_HOURS.map((_, k) => {
    const values: number[] = [];
    for (const { data, rows } of selection) {
      for (const row of rows) {
        const e = data.residual[row * HORIZONS + k]!;
        if (!Number.isNaN(e)) values.push(Math.min(Math.max(e, LEAST_RESIDUAL), LARGEST_RESIDUAL));
      }
    }
    values.sort((a, b) => a - b);
    const shift = Math.log(values.reduce((sum, e) => sum + Math.exp(e), 0) / values.length);
    return { shift, quantiles: QUANTILE_LEVELS.map((p) => values[Math.floor(p * (values.length - 1))]!) };
  });
  return headBias(
    per.map((one) => one.shift),
    per.map((one) => one.quantiles),
  );
}

/**
 * Trains one network on the rows whose targets ended by `untilMs`. Deterministic for a seed and backend. `progress`
 * hears the mean loss of each epoch.
 */
export async function trainNetwork(
  tf: Tf,
  data: readonly AssetRows[],
  untilMs: UnixMs,
  options: TrainingOptions,
  seed: number,
  progress: (epoch: number, loss: number, variables: () => Network) => void = () => {},
): Promise<Network> {
  const selection = selectRows(data, untilMs);
  const parts = selection.map(({ data: one, rows }) => ({ dense: one.dense, rows }));
  const statistics = columnStatistics(parts, WIDTH);
  const total = selection.reduce((sum, { rows }) => sum + rows.length, 0);
  const inputs = new Float32Array(total * WIDTH);
  const cells = new Uint8Array(total * 2);
  const residuals = new Float32Array(total * HORIZONS);
  const weights = new Float32Array(total * HORIZONS);
  let at = 0;
  for (const { data: one, rows } of selection) {
    for (const row of rows) {
      standardise(statistics, one.dense, row, inputs, at);
      cells.set(one.cells.subarray(2 * row, 2 * row + 2), 2 * at);
      const age = (untilMs - one.decisionMs[row]!) / (24 * MS_PER_HOUR);
      for (let k = 0; k < HORIZONS; k++) {
        const e = one.residual[row * HORIZONS + k]!;
        residuals[at * HORIZONS + k] = Number.isNaN(e)
          ? 0
          : Math.min(Math.max(e, LEAST_RESIDUAL), LARGEST_RESIDUAL);
        weights[at * HORIZONS + k] = Number.isNaN(e) ? 0 : 0.5 ** (age / options.halfLifeDays);
      }
      at += 1;
    }
  }
  const shape = { inputs: WIDTH, embedding: options.embedding, hidden: options.hidden };
  const variables = createVariables(tf, startWeights(shape, unconditional(selection), seed));
  const matrix = tf.tensor2d(quantileMatrix());
  const optimizer = tf.train.adam(options.rate) as unknown as Optimizer & { learningRate: number };
  const next = createUniform(seed ^ 0x9e3779b9);
  const order = Uint32Array.from({ length: total }, (_, i) => i);
  const steps = Math.ceil(total / options.batch);
  const snapshot = () => ({ weights: readWeights(variables), statistics, shrink: options.shrink });
  try {
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      shuffle(order, next);
      let sum = 0;
      for (let step = 0; step < steps; step++) {
        const chosen = order.subarray(step * options.batch, Math.min(total, (step + 1) * options.batch));
        const done = (epoch * steps + step) / (options.epochs * steps);
        const rate = options.rate * 0.5 * (1 + Math.cos(Math.PI * done));
        optimizer.learningRate = rate;
        const batch = gather(chosen, inputs, cells, residuals, weights);
        sum += tf.tidy(() => {
          const x = tf.tensor2d(batch.inputs, [chosen.length, WIDTH]);
          const utc = tf.tensor1d(batch.utc, 'int32');
          const newYork = tf.tensor1d(batch.newYork, 'int32');
          const e = tf.tensor2d(batch.residuals, [chosen.length, HORIZONS]);
          const w = tf.tensor2d(batch.weights, [chosen.length, HORIZONS]);
          const { value, grads } = tf.variableGrads(
            () =>
              forecastLoss(
                tf,
                forward(tf, variables, x, [utc, newYork]),
                e,
                w,
                matrix as Tensor2D,
                options.pinballWeight,
              ),
            [...variables.values()],
          );
          optimizer.applyGradients(grads);
          const keep = 1 - rate * options.decay;
          for (const [name, variable] of variables)
            if (!/^b|Bias$/.test(name)) variable.assign(tf.mul(variable, keep));
          return value.dataSync()[0]!;
        });
      }
      progress(epoch, sum / steps, snapshot);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return snapshot();
  } finally {
    for (const variable of variables.values()) variable.dispose();
    matrix.dispose();
    optimizer.dispose();
  }
}

function gather(
  chosen: Uint32Array,
  inputs: Float32Array,
  cells: Uint8Array,
  residuals: Float32Array,
  weights: Float32Array,
) {
  const n = chosen.length;
  const batch = {
    inputs: new Float32Array(n * WIDTH),
    utc: new Int32Array(n),
    newYork: new Int32Array(n),
    residuals: new Float32Array(n * HORIZONS),
    weights: new Float32Array(n * HORIZONS),
  };
  for (let at = 0; at < n; at++) {
    const row = chosen[at]!;
    batch.inputs.set(inputs.subarray(row * WIDTH, (row + 1) * WIDTH), at * WIDTH);
    batch.utc[at] = cells[2 * row]!;
    batch.newYork[at] = cells[2 * row + 1]!;
    for (let k = 0; k < HORIZONS; k++) {
      batch.residuals[at * HORIZONS + k] = residuals[row * HORIZONS + k]!;
      batch.weights[at * HORIZONS + k] = weights[row * HORIZONS + k]!;
    }
  }
  return batch;
}
