import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs-core';
import { HOURS_PER_WEEK } from '../baselines/expanding-regression.ts';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import type { Tf } from './loader.ts';
import { createNormal } from './random.ts';

export interface NetworkShape {
  /** Dense inputs. */
  readonly inputs: number;
  /** Numbers per calendar cell in the embeddings of the hour of the week (UTC, New York). */
  readonly embedding: number;
  readonly hidden: readonly number[];
}

export const QUANTILES = QUANTILE_LEVELS.length;
/** Per horizon: shift of the log mean, median, QUANTILES - 1 increments. */
export const OUTPUTS_PER_HORIZON = 1 + QUANTILES;
const MEDIAN = QUANTILE_LEVELS.indexOf(0.5);

/** Weights by name, each with its shape; plain arrays, so that an artifact is the same on every backend. */
export type Weights = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly values: Float32Array }
>;

/** Start weights: He-scaled normals, heads at zero but for the biases given (the training residuals' own quantiles). */
export function startWeights(shape: NetworkShape, headBias: Float32Array, seed: number): Weights {
  const normal = createNormal(seed);
  const weights = new Map<string, { shape: number[]; values: Float32Array }>();
  const add = (name: string, size: number[], scale: number) => {
    const values = Float32Array.from({ length: size.reduce((a, b) => a * b, 1) }, () => scale * normal());
    weights.set(name, { shape: size, values });
  };
  add('utc', [HOURS_PER_WEEK, shape.embedding], 0.05);
  add('newYork', [HOURS_PER_WEEK, shape.embedding], 0.05);
  let width = shape.inputs + 2 * shape.embedding;
  shape.hidden.forEach((units, layer) => {
    add(`w${layer}`, [width, units], Math.sqrt(1 / width));
    add(`b${layer}`, [units], 0);
    width = units;
  });
  add('head', [width, headBias.length], 0.01 * Math.sqrt(1 / width));
  weights.set('headBias', { shape: [headBias.length], values: headBias.slice() });
  return weights;
}

export type Variables = ReadonlyMap<string, Variable>;

export function createVariables(tf: Tf, weights: Weights): Variables {
  return new Map(
    [...weights].map(([name, { shape, values }]) => [name, tf.variable(tf.tensor(values, [...shape]))]),
  );
}

export function readWeights(variables: Variables): Weights {
  return new Map(
    [...variables].map(([name, v]) => [name, { shape: v.shape, values: v.dataSync() as Float32Array }]),
  );
}

/** Raw head outputs [rows, horizons * OUTPUTS_PER_HORIZON] of standardised inputs and calendar cells. */
export function forward(
  tf: Tf,
  weights: ReadonlyMap<string, Tensor>,
  dense: Tensor2D,
  cells: readonly [Tensor, Tensor],
): Tensor2D {
  const hot = (cell: Tensor) => tf.cast(tf.oneHot(cell, HOURS_PER_WEEK), 'float32') as Tensor2D;
  const embedded = (name: string, cell: Tensor) => tf.matMul(hot(cell), weights.get(name) as Tensor2D);
  let x = tf.concat([dense, embedded('utc', cells[0]), embedded('newYork', cells[1])], 1) as Tensor2D;
  for (let layer = 0; weights.has(`w${layer}`); layer++) {
    x = tf.elu(tf.add(tf.matMul(x, weights.get(`w${layer}`) as Tensor2D), weights.get(`b${layer}`)!));
  }
  return tf.add(tf.matMul(x, weights.get('head') as Tensor2D), weights.get('headBias')!);
}

/**
 * Matrix that turns [median, increments] into quantiles: increments below the median are subtracted, those above
 * added, each reaching all levels beyond it. With increments above zero the quantiles cannot cross.
 */
export function quantileMatrix(): number[][] {
  return Array.from({ length: QUANTILES }, (_, input) =>
    Array.from({ length: QUANTILES }, (_, level) => {
      if (input === 0) return 1;
      // Inputs 1..MEDIAN step down from the median, the rest step up.
      if (input <= MEDIAN) return level <= MEDIAN - input ? -1 : 0;
      return level >= input ? 1 : 0;
    }),
  );
}

export interface HorizonHeads {
  /** Shift of the log mean forecast, [rows, 1]. */
  readonly shift: Tensor2D;
  /** Quantiles of log Y less base, [rows, QUANTILES], ascending. */
  readonly quantiles: Tensor2D;
}

/** Splits head outputs into one shift and non-crossing quantiles per horizon. */
export function splitHeads(tf: Tf, raw: Tensor2D, matrix: Tensor2D): HorizonHeads[] {
  return HORIZONS_HOURS.map((_, k) => {
    const from = k * OUTPUTS_PER_HORIZON;
    const shift = tf.slice(raw, [0, from], [-1, 1]);
    const median = tf.slice(raw, [0, from + 1], [-1, 1]);
    const increments = tf.softplus(tf.slice(raw, [0, from + 2], [-1, QUANTILES - 1]));
    return { shift, quantiles: tf.matMul(tf.concat([median, increments], 1), matrix) };
  });
}

/** Head biases at which every row gets these quantiles and this shift: the network starts from the unconditional. */
export function headBias(shifts: readonly number[], quantiles: readonly (readonly number[])[]): Float32Array {
  const bias = new Float32Array(HORIZONS_HOURS.length * OUTPUTS_PER_HORIZON);
  HORIZONS_HOURS.forEach((_, k) => {
    const q = quantiles[k]!;
    const at = k * OUTPUTS_PER_HORIZON;
    bias[at] = shifts[k]!;
    bias[at + 1] = q[MEDIAN]!;
    for (let input = 1; input < QUANTILES; input++) {
      const gap = input <= MEDIAN ? q[MEDIAN - input + 1]! - q[MEDIAN - input]! : q[input]! - q[input - 1]!;
      bias[at + 1 + input] = Math.log(Math.expm1(Math.max(gap, 1e-3)));
    }
  });
  return bias;
}
