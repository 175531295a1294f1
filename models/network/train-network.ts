import type { Optimizer, Tensor2D } from '@tensorflow/tfjs-core';
import { InvalidInputError } from '../../risk/errors.ts';
import { seededUniform } from '../../risk/statistics/sequence.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { HORIZONS_HOURS } from '../forecast.ts';
import {
  createVariables,
  forward,
  headBias,
  quantileMatrix,
  readWeights,
  startWeights,
  type Variables,
  type Weights,
} from './architecture.ts';
import type { AssetRows } from './dataset.ts';
import type { Tf } from './loader.ts';
import { forecastLoss } from './loss.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';
import { shuffle } from './random.ts';
import type { ColumnStatistics } from './statistics.ts';
import { buildTrainingSet, gatherBatch, unconditionalHeads } from './training-set.ts';

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

/**
 * Trains one network on the rows whose targets ended by `untilMs`. Deterministic for a seed and backend. `progress`
 * hears the mean loss of each epoch. Throws InvalidInputError when no row had ended by then.
 */
export async function trainNetwork(
  tf: Tf,
  data: readonly AssetRows[],
  untilMs: UnixMs,
  options: TrainingOptions,
  seed: number,
  progress: (epoch: number, loss: number) => void = () => {},
): Promise<Network> {
  const set = buildTrainingSet(data, untilMs, options.halfLifeDays);
  if (set.rows === 0) {
    throw new InvalidInputError(
      'until',
      `no complete training row before ${new Date(untilMs).toISOString()}`,
    );
  }
  const shape = { inputs: WIDTH, embedding: options.embedding, hidden: options.hidden };
  const { shifts, quantiles } = unconditionalHeads(set);
  const variables = createVariables(tf, startWeights(shape, headBias(shifts, quantiles), seed));
  const matrix = tf.tensor2d(quantileMatrix());
  const optimizer = tf.train.adam(options.rate) as unknown as Optimizer & { learningRate: number };
  const next = seededUniform(seed ^ 0x9e3779b9);
  const order = Uint32Array.from({ length: set.rows }, (_, i) => i);
  const steps = Math.ceil(set.rows / options.batch);
  try {
    for (let epoch = 0; epoch < options.epochs; epoch++) {
      shuffle(order, next);
      let sum = 0;
      for (let step = 0; step < steps; step++) {
        const done = (epoch * steps + step) / (options.epochs * steps);
        optimizer.learningRate = options.rate * 0.5 * (1 + Math.cos(Math.PI * done));
        const chosen = order.subarray(step * options.batch, Math.min(set.rows, (step + 1) * options.batch));
        sum += tf.tidy(() => trainStep(tf, variables, optimizer, matrix, gatherBatch(set, chosen), options));
      }
      progress(epoch, sum / steps);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return { weights: readWeights(variables), statistics: set.statistics, shrink: options.shrink };
  } finally {
    for (const variable of variables.values()) variable.dispose();
    matrix.dispose();
    optimizer.dispose();
  }
}

/** One gradient step; returns the batch's loss. */
function trainStep(
  tf: Tf,
  variables: Variables,
  optimizer: Optimizer & { learningRate: number },
  matrix: Tensor2D,
  batch: ReturnType<typeof gatherBatch>,
  options: TrainingOptions,
): number {
  const x = tf.tensor2d(batch.inputs, [batch.rows, WIDTH]);
  const cells = [tf.tensor1d(batch.utc, 'int32'), tf.tensor1d(batch.newYork, 'int32')] as const;
  const residual = tf.tensor2d(batch.residuals, [batch.rows, HORIZONS]);
  const weight = tf.tensor2d(batch.weights, [batch.rows, HORIZONS]);
  const { value, grads } = tf.variableGrads(
    () => forecastLoss(tf, forward(tf, variables, x, cells), residual, weight, matrix, options.pinballWeight),
    [...variables.values()],
  );
  optimizer.applyGradients(grads);
  if (options.decay > 0) {
    const keep = 1 - optimizer.learningRate * options.decay;
    for (const [name, variable] of variables) {
      if (!/^b|Bias$/.test(name)) variable.assign(tf.mul(variable, keep));
    }
  }
  return value.dataSync()[0]!;
}
