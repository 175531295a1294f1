/** Two Gaussian states of a Markov chain; state 0 is the calm one (lower mean). */
export interface TwoStateHmm {
  readonly mean: readonly [number, number];
  readonly variance: readonly [number, number];
  /** Probability to stay in state 0 and in state 1. */
  readonly stay: readonly [number, number];
}

/** log density of both states up to a common constant, as densities scaled by the larger. */
function densities(model: TwoStateHmm, x: number): readonly [number, number] {
  const a = -0.5 * (Math.log(model.variance[0]) + (x - model.mean[0]) ** 2 / model.variance[0]);
  const b = -0.5 * (Math.log(model.variance[1]) + (x - model.mean[1]) ** 2 / model.variance[1]);
  const top = Math.max(a, b);
  return [Math.exp(a - top), Math.exp(b - top)];
}

/** P(state 1 now | everything up to and including x), from the same before x: Hamilton's filter, no smoothing. */
export function filterStep(model: TwoStateHmm, previous: number, x: number): number {
  const predicted = predictStep(model, previous);
  const [calm, high] = densities(model, x);
  const joint = predicted * high;
  return joint / (joint + (1 - predicted) * calm);
}

/** P(state 1 one step ahead). */
export function predictStep(model: TwoStateHmm, probability: number): number {
  return probability * model.stay[1] + (1 - probability) * (1 - model.stay[0]);
}

export interface HmmFit {
  readonly model: TwoStateHmm;
  /** Posterior P(state 1) of every observation given all of them; for parameters only, never for forecasts. */
  readonly posterior: Float64Array;
  /** Filtered P(state 1) after the last observation. */
  readonly last: number;
  readonly iterations: number;
}

/** Baum-Welch (expectation maximisation) with scaled forward and backward passes. */
export function fitTwoState(x: Float64Array, from: TwoStateHmm | null, maxIterations = 60): HmmFit {
  let model = from ?? startModel(x);
  const n = x.length;
  const forward = new Float64Array(n);
  const posterior = new Float64Array(n);
  let before = Number.NEGATIVE_INFINITY;
  let iterations = 0;
  for (; iterations < maxIterations; iterations++) {
    let logLikelihood = 0;
    for (let t = 0; t < n; t++) {
      const predicted = t === 0 ? 0.5 : predictStep(model, forward[t - 1]!);
      const [calm, high] = densities(model, x[t]!);
      const total = predicted * high + (1 - predicted) * calm;
      forward[t] = (predicted * high) / total;
      logLikelihood += Math.log(total) + logScale(model, x[t]!);
    }
    const next = maximise(model, x, forward, posterior);
    const gain = logLikelihood - before;
    before = logLikelihood;
    model = next;
    if (Math.abs(gain) < 1e-6 * n) break;
  }
  let last = 0.5;
  for (let t = 0; t < n; t++) last = filterStep(model, last, x[t]!);
  return { model, posterior, last, iterations };
}

function logScale(model: TwoStateHmm, x: number): number {
  const a = -0.5 * (Math.log(model.variance[0]) + (x - model.mean[0]) ** 2 / model.variance[0]);
  const b = -0.5 * (Math.log(model.variance[1]) + (x - model.mean[1]) ** 2 / model.variance[1]);
  return Math.max(a, b);
}

/** Backward smoothing from the filtered probabilities (Kim 1994), then the moments of both states. */
function maximise(
  model: TwoStateHmm,
  x: Float64Array,
  forward: Float64Array,
  posterior: Float64Array,
): TwoStateHmm {
  const n = x.length;
  posterior[n - 1] = forward[n - 1]!;
  const [stay0, stay1] = model.stay;
  let stayed0 = 0;
  let stayed1 = 0;
  let from0 = 0;
  let from1 = 0;
  for (let t = n - 2; t >= 0; t--) {
    const f = forward[t]!;
    const ahead = predictStep(model, f);
    const ratio1 = posterior[t + 1]! / Math.max(ahead, 1e-300);
    const ratio0 = (1 - posterior[t + 1]!) / Math.max(1 - ahead, 1e-300);
    const both1 = f * stay1 * ratio1;
    const both0 = (1 - f) * stay0 * ratio0;
    posterior[t] = Math.min(1, both1 + f * (1 - stay1) * ratio0);
    stayed1 += both1;
    stayed0 += both0;
    from1 += posterior[t]!;
    from0 += 1 - posterior[t]!;
  }
  const moments = (weight: (t: number) => number): [number, number] => {
    let w = 0;
    let sum = 0;
    let square = 0;
    for (let t = 0; t < n; t++) {
      const p = weight(t);
      w += p;
      sum += p * x[t]!;
      square += p * x[t]! * x[t]!;
    }
    const mean = sum / w;
    return [mean, Math.max(square / w - mean * mean, 1e-4)];
  };
  const [mean0, variance0] = moments((t) => 1 - posterior[t]!);
  const [mean1, variance1] = moments((t) => posterior[t]!);
  const stay = [bounded(stayed0 / from0), bounded(stayed1 / from1)] as const;
  return { mean: [mean0, mean1], variance: [variance0, variance1], stay };
}

function bounded(p: number): number {
  return Math.min(Math.max(p, 0.5), 1 - 1e-6);
}

function startModel(x: Float64Array): TwoStateHmm {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = Math.max(x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length, 1e-4);
  const sd = Math.sqrt(variance);
  return {
    mean: [mean - 0.7 * sd, mean + 0.7 * sd],
    variance: [variance / 2, variance / 2],
    stay: [0.98, 0.95],
  };
}
