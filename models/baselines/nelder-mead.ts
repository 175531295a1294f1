export interface MinimiseOptions {
  /** Initial step per coordinate. */
  readonly steps: readonly number[];
  /** Stops a round when the values of the simplex agree to this. */
  readonly tolerance?: number;
  readonly maxEvaluations?: number;
}

export interface Minimum {
  readonly x: number[];
  readonly value: number;
  readonly evaluations: number;
}

/**
 * Nelder and Mead (1965) with restarts: a round ends when the simplex is flat, the next starts anew around the best
 * point, until a round gains less than the tolerance. No derivatives; infinite values mark what is not allowed.
 */
export function minimise(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  options: MinimiseOptions,
): Minimum {
  const { steps, tolerance = 1e-9, maxEvaluations = 4000 } = options;
  let best = [...start];
  let value = f(best);
  let evaluations = 1;
  for (let round = 0; round < 8 && evaluations < maxEvaluations; round++) {
    const scale = round === 0 ? 1 : 0.2;
    const found = oneRound(
      f,
      best,
      value,
      steps.map((step) => step * scale),
      tolerance,
      maxEvaluations - evaluations,
    );
    const gain = value - found.value;
    evaluations += found.evaluations;
    best = found.x;
    value = found.value;
    if (round > 0 && !(gain > tolerance * 10)) break;
  }
  return { x: best, value, evaluations };
}

function oneRound(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  startValue: number,
  steps: readonly number[],
  tolerance: number,
  budget: number,
): Minimum {
  const n = start.length;
  const simplex = [{ x: [...start], y: startValue }];
  for (let k = 0; k < n; k++) {
    const x = start.map((value, at) => (at === k ? value + steps[k]! : value));
    simplex.push({ x, y: f(x) });
  }
  let evaluations = n;
  while (evaluations < budget) {
    simplex.sort((a, b) => a.y - b.y);
    const worst = simplex[n]!;
    if (worst.y - simplex[0]!.y <= tolerance) break;
    const centre = start.map((_, k) => simplex.slice(0, n).reduce((sum, point) => sum + point.x[k]!, 0) / n);
    const along = (t: number) => {
      const x = centre.map((c, k) => c + t * (c - worst.x[k]!));
      evaluations += 1;
      return { x, y: f(x) };
    };
    const reflected = along(1);
    if (reflected.y < simplex[0]!.y) {
      const expanded = along(2);
      simplex[n] = expanded.y < reflected.y ? expanded : reflected;
    } else if (reflected.y < simplex[n - 1]!.y) {
      simplex[n] = reflected;
    } else {
      const contracted = reflected.y < worst.y ? along(0.5) : along(-0.5);
      if (contracted.y < Math.min(reflected.y, worst.y)) simplex[n] = contracted;
      else {
        const origin = simplex[0]!.x;
        for (let k = 1; k <= n; k++) {
          const x = simplex[k]!.x.map((value, at) => origin[at]! + 0.5 * (value - origin[at]!));
          simplex[k] = { x, y: f(x) };
        }
        evaluations += n;
      }
    }
  }
  simplex.sort((a, b) => a.y - b.y);
  return { x: simplex[0]!.x, value: simplex[0]!.y, evaluations };
}
