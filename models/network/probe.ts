import { NETWORK_COLUMNS } from './network-columns.ts';
import type { Predictor } from './predict.ts';

const ROWS = 4;
/** Largest difference between backends that a probe forgives. */
export const PROBE_TOLERANCE = 1e-5;

/**
 * Predictions for four fixed inputs: recorded with an artifact when it is trained, compared when it is loaded, so
 * that a backend that computes something else is noticed before it serves.
 */
export function probePredictions(predictor: Predictor): number[] {
  const dense = Float64Array.from(
    { length: ROWS * NETWORK_COLUMNS.length },
    (_, at) => 3 * Math.sin(1 + at * 0.7),
  );
  const { shift, quantiles } = predictor.predict({
    rows: ROWS,
    dense,
    cells: [0, 5, 40, 36, 100, 96, 167, 162],
  });
  return [...shift, ...quantiles];
}

/** Largest difference between two probes; Infinity when they differ in length. */
export function probeDifference(recorded: readonly number[], found: readonly number[]): number {
  if (recorded.length !== found.length) return Number.POSITIVE_INFINITY;
  return recorded.reduce((largest, value, at) => {
    const difference = Math.abs(value - found[at]!);
    return difference > largest || Number.isNaN(difference) ? difference : largest;
  }, 0);
}
