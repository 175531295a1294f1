import { inverseNormal } from '../statistics/normal.ts';
import { quasiSequence } from '../statistics/sequence.ts';

interface Bridge {
  readonly left: number;
  readonly right: number;
  readonly middle: number;
}

/** Order in which a Brownian path is filled in: end first, then midpoints, so that early dimensions matter most. */
function bridgesOf(steps: number): Bridge[] {
  const bridges: Bridge[] = [];
  const queue: [number, number][] = [[0, steps]];
  for (let next = queue.shift(); next; next = queue.shift()) {
    const [left, right] = next;
    if (right - left < 2) continue;
    const middle = (left + right) >> 1;
    bridges.push({ left, right, middle });
    queue.push([left, middle], [middle, right]);
  }
  return bridges;
}

/** One simulated path: the uniform that draws the variance, and correlated standard Brownian motion on (0, 1]. */
export interface BrownianPath {
  varianceUniform: number;
  /** `motion[step * assets + asset]`, step 0 is the start (all 0). */
  readonly motion: Float64Array;
}

/**
 * Generator of correlated Brownian paths by randomised quasi-Monte-Carlo with Brownian bridge. `lower` is the
 * row-major Cholesky factor. Deterministic in `seed`; the same path object is filled again by every call.
 */
export function pathGenerator(
  assets: number,
  steps: number,
  lower: Float64Array,
  seed: number,
): (index: number) => BrownianPath {
  const sequence = quasiSequence(seed);
  const point = new Float64Array(1 + assets * steps);
  const free = new Float64Array((steps + 1) * assets);
  const bridges = bridgesOf(steps);
  const path: BrownianPath = { varianceUniform: 0.5, motion: new Float64Array((steps + 1) * assets) };
  return (index) => {
    sequence(index, point);
    path.varianceUniform = point[0]!;
    let next = 1;
    for (let a = 0; a < assets; a++) free[steps * assets + a] = inverseNormal(point[next++]!);
    for (const { left, right, middle } of bridges) {
      const share = (middle - left) / (right - left);
      const spread = Math.sqrt(((middle - left) * (right - middle)) / ((right - left) * steps));
      for (let a = 0; a < assets; a++) {
        const from = free[left * assets + a]!;
        const to = free[right * assets + a]!;
        free[middle * assets + a] = from + share * (to - from) + spread * inverseNormal(point[next++]!);
      }
    }
    for (let step = 1; step <= steps; step++) {
      for (let i = 0; i < assets; i++) {
        let sum = 0;
        for (let k = 0; k <= i; k++) sum += lower[i * assets + k]! * free[step * assets + k]!;
        path.motion[step * assets + i] = sum;
      }
    }
    return path;
  };
}
