import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import { forward, QUANTILES, quantileMatrix, splitHeads, type Weights } from './architecture.ts';
import type { Tf } from './loader.ts';
import { NETWORK_COLUMNS } from './network-columns.ts';
import { standardise } from './statistics.ts';
import type { Network } from './train-network.ts';

/** Network outputs of many rows, row-major, shrunk and averaged over an ensemble. */
export interface Predictions {
  /** Shift of the log mean forecast, one per horizon and row. */
  readonly shift: Float32Array;
  /** Quantiles of log Y less base, QUANTILES per horizon and row, ascending. */
  readonly quantiles: Float32Array;
}

export interface Inputs {
  readonly rows: number;
  readonly dense: ArrayLike<number>;
  /** Two per row: UTC, New York. */
  readonly cells: ArrayLike<number>;
}

/** A network ensemble loaded onto a backend. */
export interface Predictor {
  predict(inputs: Inputs): Predictions;
  dispose(): void;
}

const WIDTH = NETWORK_COLUMNS.length;
const HORIZONS = HORIZONS_HOURS.length;
const CHUNK = 4096;
const MEDIAN = QUANTILE_LEVELS.indexOf(0.5);

export function createPredictor(tf: Tf, networks: readonly Network[]): Predictor {
  const loaded = networks.map((network) => ({
    statistics: network.statistics,
    shrink: network.shrink,
    tensors: loadWeights(tf, network.weights),
  }));
  const matrix = tf.tensor2d(quantileMatrix());
  return {
    predict({ rows, dense, cells }) {
      const shift = new Float32Array(rows * HORIZONS);
      const quantiles = new Float32Array(rows * HORIZONS * QUANTILES);
      for (let from = 0; from < rows; from += CHUNK) {
        const n = Math.min(CHUNK, rows - from);
        const utc = Int32Array.from({ length: n }, (_, at) => cells[2 * (from + at)]!);
        const newYork = Int32Array.from({ length: n }, (_, at) => cells[2 * (from + at) + 1]!);
        for (const { statistics, shrink, tensors } of loaded) {
          const inputs = new Float32Array(n * WIDTH);
          for (let at = 0; at < n; at++) standardise(statistics, dense, from + at, inputs, at);
          const outputs = tf.tidy(() => {
            const x = tf.tensor2d(inputs, [n, WIDTH]);
            const raw = forward(tf, tensors, x, [tf.tensor1d(utc, 'int32'), tf.tensor1d(newYork, 'int32')]);
            const heads = splitHeads(tf, raw, matrix as Tensor2D);
            const joined = (parts: Tensor2D[]) => tf.concat(parts, 1).dataSync();
            return {
              shift: joined(heads.map((head) => head.shift)),
              quantiles: joined(heads.map((head) => head.quantiles)),
            };
          });
          for (let at = 0; at < n * HORIZONS; at++) {
            const share = shrink[at % HORIZONS]!;
            shift[from * HORIZONS + at]! += (share * outputs.shift[at]!) / loaded.length;
            // The quantiles keep their shape; only their location is shrunk.
            const less = (share - 1) * outputs.quantiles[at * QUANTILES + MEDIAN]!;
            for (let q = 0; q < QUANTILES; q++) {
              const to = (from * HORIZONS + at) * QUANTILES + q;
              quantiles[to]! += (outputs.quantiles[at * QUANTILES + q]! + less) / loaded.length;
            }
          }
        }
      }
      return { shift, quantiles };
    },
    dispose() {
      for (const { tensors } of loaded) for (const tensor of tensors.values()) tensor.dispose();
      matrix.dispose();
    },
  };
}

function loadWeights(tf: Tf, weights: Weights): ReadonlyMap<string, Tensor> {
  return new Map([...weights].map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]));
}
