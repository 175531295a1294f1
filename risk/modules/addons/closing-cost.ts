import type { DepthLevel } from '../../market/liquidity.ts';
import { wadToFloat } from '../../units/wad.ts';

/** Quote that trades up to a distance from the mark, as a fraction of it; ascending in both. */
export interface DepthStep {
  readonly distance: number;
  readonly notional: number;
}

/**
 * One side of a book as steps of notional at distances from the mark. A level better than the mark counts as the mark
 * plus `spread`, one behind a worse level as that: what is odd in a book never makes closing cheaper. `worth`: notional
 * of a size in quote.
 */
export function depthSteps(
  side: readonly DepthLevel[],
  mark: number,
  spread: number,
  worth: (size: number) => number,
): DepthStep[] {
  let distance = spread;
  const steps: DepthStep[] = [];
  for (const { priceWad, sizeWad } of side) {
    const notional = worth(wadToFloat(sizeWad));
    if (!(notional > 0) || priceWad <= 0n) continue;
    distance = Math.max(distance, Math.abs(wadToFloat(priceWad) / mark - 1));
    steps.push({ distance, notional });
  }
  return steps;
}

/**
 * Cost in quote of closing `notional`: each step at its distance; where depth ends the distance goes on as that of the
 * last step times sqrt(q / depth), the square-root law of impact, so that the cost is continuous and convex.
 */
export function costThroughDepth(steps: readonly DepthStep[], notional: number): number {
  let cost = 0;
  let taken = 0;
  let distance = 0;
  for (const step of steps) {
    distance = step.distance;
    const part = Math.min(step.notional, notional - taken);
    cost += part * distance;
    taken += part;
    if (taken >= notional) return cost;
  }
  return cost + ((2 / 3) * distance * (notional ** 1.5 - taken ** 1.5)) / Math.sqrt(taken);
}

/** Cost in quote without a book: half spread and square-root impact. */
export function costWithoutDepth(
  p: { readonly spread: number; readonly impact: number; readonly depth: number },
  notional: number,
): number {
  return notional * (p.spread + p.impact * Math.sqrt(notional / p.depth));
}
