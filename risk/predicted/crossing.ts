import type { Revaluer } from '../modules/module.ts';
import type { FutureBuffer } from './future-buffer.ts';

const BUMP = 1e-3;

/** Probability that net maintenance margin dips below 0 between two steps at which it does not. */
export interface BridgeCrossing {
  crossing(
    before: number,
    after: number,
    scale: Float64Array,
    variances: Float64Array,
    steps: number,
  ): number;
}

/**
 * Crossing probability of a Brownian bridge, exp(-2 a b / v), with v the variance of net margin over the step from its
 * deltas today, which scale with price (exact for perps and collateral, first order for options). `slots` are the
 * places of the assets among the moving ones, `lower` their Cholesky factor.
 */
export function bridgeCrossing(
  revaluer: Revaluer,
  slots: readonly number[],
  lower: Float64Array,
  moving: number,
  buffers: readonly FutureBuffer[],
): BridgeCrossing {
  const n = revaluer.assets.length;
  const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
  const initial = Float64Array.from(buffers, (buffer) => buffer.initial[0] ?? 1);
  const maintenance = Float64Array.from(buffers, (buffer) => buffer.maintenance[0] ?? 1);
  const netAt = (asset: number, bump: number) => {
    const scale = new Float64Array(n).fill(1);
    scale[asset] = 1 + bump;
    revaluer.evaluate(scale, initial, maintenance, out);
    return out.equity - out.maintenanceRequirement;
  };
  const slopes = Float64Array.from({ length: n }, (_, a) => (netAt(a, BUMP) - netAt(a, -BUMP)) / (2 * BUMP));
  const exposure = new Float64Array(moving);
  return {
    crossing: (before, after, scale, variances, steps) => {
      exposure.fill(0);
      for (let a = 0; a < n; a++) {
        const slot = slots[a]!;
        if (slot >= 0) exposure[slot] = slopes[a]! * scale[a]! * Math.sqrt(variances[a]! / steps);
      }
      let variance = 0;
      for (let k = 0; k < moving; k++) {
        let sum = 0;
        for (let i = k; i < moving; i++) sum += lower[i * moving + k]! * exposure[i]!;
        variance += sum * sum;
      }
      return variance > 0 ? Math.exp((-2 * before * after) / variance) : 0;
    },
  };
}
