import { minimise } from '../nelder-mead.ts';
import { filterGarch, type GarchParameters, type GarchSpec, startValue } from './garch.ts';

export interface GarchFit {
  readonly parameters: GarchParameters;
  readonly logLikelihood: number;
  /** What stood before the first observation. */
  readonly start: number;
  /** s^d of the observation after the last. */
  readonly next: number;
  readonly evaluations: number;
}

const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

/**
 * Maximum likelihood by Nelder-Mead under omega > 0, alpha >= 0, alpha + gamma >= 0, beta >= 0,
 * alpha + gamma / 2 + beta <= 1, nu > 2.05. The search runs over mu, log omega, the weights of rises and falls, the
 * persistence and log(nu - 2.05), projected on their bounds, so that a maximum on a bound is reached exactly.
 * `from` warm-starts a refit. Observations should have a deviation near one.
 */
export function fitGarch(y: Float64Array, spec: GarchSpec, from?: GarchParameters): GarchFit {
  const mean = y.reduce((sum, value) => sum + value, 0) / y.length;
  const deviation = Math.sqrt(y.reduce((sum, value) => sum + (value - mean) ** 2, 0) / y.length);
  const first = from ?? {
    mu: mean,
    omega: 0.05 * (spec.power === 2 ? deviation ** 2 : deviation),
    alpha: spec.asymmetric ? 0.05 : 0.1,
    gamma: spec.asymmetric ? 0.1 : 0,
    beta: 0.85,
    nu: 8,
  };
  const fixedStart = spec.start === 'backcast' ? startValue(y, spec, mean) : null;
  const startFor = (p: GarchParameters) => fixedStart ?? startValue(y, spec, p.mu);
  const decode = (x: readonly number[]): GarchParameters => {
    const rises = clamp(x[2]!, 0, 1);
    const falls = spec.asymmetric ? clamp(x[4]!, 0, 2 - rises) : rises;
    const persistence = clamp(x[3]!, (rises + falls) / 2, 1);
    return {
      mu: x[0]!,
      omega: Math.exp(x[1]!),
      alpha: rises,
      gamma: falls - rises,
      beta: persistence - (rises + falls) / 2,
      nu: spec.distribution === 't' ? 2.05 + Math.exp(Math.min(x[spec.asymmetric ? 5 : 4]!, 6)) : 0,
    };
  };
  const x0 = [first.mu, Math.log(first.omega), first.alpha, first.alpha + first.gamma / 2 + first.beta];
  const steps = [0.05 * deviation, 0.4, 0.03, -0.02];
  if (spec.asymmetric) {
    x0.push(first.alpha + first.gamma);
    steps.push(0.05);
  }
  if (spec.distribution === 't') {
    x0.push(Math.log(first.nu - 2.05));
    steps.push(0.2);
  }
  const minimum = minimise(
    (x) => {
      const p = decode(x);
      return -filterGarch(y, p, spec, startFor(p)).logLikelihood / y.length;
    },
    x0,
    {
      steps: from === undefined ? steps : steps.map((step) => step / 4),
      tolerance: from === undefined ? 1e-13 : 1e-9,
    },
  );
  const parameters = decode(minimum.x);
  const start = startFor(parameters);
  return { parameters, start, ...filterGarch(y, parameters, spec, start), evaluations: minimum.evaluations };
}
