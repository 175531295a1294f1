import { logGamma } from './log-gamma.ts';

export interface GarchSpec {
  /** Whether falls weigh differently (gamma), as in GJR and TARCH. */
  readonly asymmetric: boolean;
  readonly distribution: 'normal' | 't';
  /** 2: recursion of the variance (GARCH, GJR); 1: of the deviation (TARCH). */
  readonly power: 1 | 2;
  /**
   * What stands for the squared residual and the variance before the first observation. `backcast`: exponentially
   * weighted (0.94) mean of the first 75 residuals about the sample mean. `mean-square`: mean squared residual about
   * the fitted mean, the convention of Fiorentini, Calzolari and Panattoni (1996).
   */
  readonly start: 'backcast' | 'mean-square';
}

/** s_t^d = omega + (alpha + gamma [e < 0]) |e|^d + beta s_(t-1)^d with e = y - mu; `nu` degrees of freedom of t. */
export interface GarchParameters {
  readonly mu: number;
  readonly omega: number;
  readonly alpha: number;
  readonly gamma: number;
  readonly beta: number;
  readonly nu: number;
}

/** What stands for |e|^d and s^d before the first observation. */
export function startValue(y: Float64Array, spec: GarchSpec, mu: number): number {
  const power = (e: number) => (spec.power === 2 ? e * e : Math.abs(e));
  if (spec.start === 'mean-square') {
    let sum = 0;
    for (let t = 0; t < y.length; t++) sum += power(y[t]! - mu);
    return sum / y.length;
  }
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  let sum = 0;
  let weights = 0;
  for (let t = 0; t < Math.min(75, y.length); t++) {
    const weight = 0.94 ** t;
    sum += weight * power(y[t]! - mean);
    weights += weight;
  }
  return sum / weights;
}

/** s^d of the next observation after `residual` with s^d `state`. */
export function nextState(p: GarchParameters, spec: GarchSpec, residual: number, state: number): number {
  const size = spec.power === 2 ? residual * residual : Math.abs(residual);
  return p.omega + (residual < 0 ? p.alpha + p.gamma : p.alpha) * size + p.beta * state;
}

export interface GarchFilter {
  readonly logLikelihood: number;
  /** s^d of the observation after the last. */
  readonly next: number;
}

/**
 * Log-likelihood of the observations and the state after them; `volatility` receives the conditional deviations.
 * Minus infinity when a state is not positive.
 */
export function filterGarch(
  y: Float64Array,
  p: GarchParameters,
  spec: GarchSpec,
  start: number,
  volatility?: Float64Array,
): GarchFilter {
  const t = spec.distribution === 't';
  const constant = t
    ? logGamma((p.nu + 1) / 2) - logGamma(p.nu / 2) - 0.5 * Math.log(Math.PI * (p.nu - 2))
    : -0.5 * Math.log(2 * Math.PI);
  let state = p.omega + (p.alpha + p.gamma / 2 + p.beta) * start;
  let sum = 0;
  for (let at = 0; at < y.length; at++) {
    if (!(state > 0)) return { logLikelihood: Number.NEGATIVE_INFINITY, next: state };
    const variance = spec.power === 2 ? state : state * state;
    const e = y[at]! - p.mu;
    const square = (e * e) / variance;
    sum -= 0.5 * Math.log(variance);
    sum -= t ? 0.5 * (p.nu + 1) * Math.log1p(square / (p.nu - 2)) : 0.5 * square;
    if (volatility !== undefined) volatility[at] = Math.sqrt(variance);
    state = nextState(p, spec, e, state);
  }
  return { logLikelihood: sum + constant * y.length, next: state };
}

/** Expected variances of the next `steps` observations (power 2), from the state of the first of them. */
export function forecastVariances(p: GarchParameters, next: number, steps: number): Float64Array {
  const variances = new Float64Array(steps);
  const persistence = p.alpha + p.gamma / 2 + p.beta;
  let state = next;
  for (let k = 0; k < steps; k++) {
    variances[k] = state;
    state = p.omega + persistence * state;
  }
  return variances;
}
