import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { HORIZONS_HOURS, QUANTILE_LEVELS } from '../forecast.ts';
import { splitHeads } from './architecture.ts';
import type { Tf } from './loader.ts';

/**
 * Mean over rows and horizons of QLIKE of the mean head plus `pinballWeight` times the mean pinball loss of the
 * quantile heads, both on e = log Y - base: QLIKE = exp(e - shift) - (e - shift) - 1. Weights of zero leave out
 * targets that are not scored.
 */
export function forecastLoss(
  tf: Tf,
  raw: Tensor2D,
  residual: Tensor2D,
  weight: Tensor2D,
  matrix: Tensor2D,
  pinballWeight: number,
): Scalar {
  const levels = tf.tensor2d([...QUANTILE_LEVELS], [1, QUANTILE_LEVELS.length]);
  const heads = splitHeads(tf, raw, matrix);
  const losses: Tensor[] = HORIZONS_HOURS.map((_, k) => {
    const e = tf.slice(residual, [0, k], [-1, 1]);
    const w = tf.slice(weight, [0, k], [-1, 1]);
    const u = tf.sub(e, heads[k]!.shift);
    const qlike = tf.sub(tf.sub(tf.exp(u), u), 1);
    const miss = tf.sub(e, heads[k]!.quantiles);
    // Pinball: p * miss above the quantile, (p - 1) * miss below.
    const pinball = tf.mean(tf.add(tf.mul(levels, miss), tf.relu(tf.neg(miss))), 1, true);
    return tf.sum(tf.mul(w, tf.add(qlike, tf.mul(pinball, pinballWeight))));
  });
  return tf.div(tf.addN(losses), tf.maximum(tf.sum(weight), 1)) as Scalar;
}
