import { SECONDS_PER_YEAR } from '../../../risk/units/time.ts';
import { cholesky } from './correlation.ts';
import type { SimulatorParameters } from './parameters.ts';
import type { Random } from './random.ts';
import { RISKY_ASSETS } from './source.ts';

const SIZE = RISKY_ASSETS.length;

/** One step of one asset: log return and the diffusive standard deviation it was drawn with (jumps apart). */
export interface StepOutcome {
  readonly logReturns: Float64Array;
  /** Standard deviation of the diffusive part of this step's log return, by asset. */
  readonly deviations: Float64Array;
  /** Log return of the jumps of this step, by asset (part of `logReturns`). */
  readonly jumps: Float64Array;
}

/**
 * The joint process of BTC, ETH and SOL: a Markov chain of regimes, times two mean-reverting log-volatility factors
 * (one common, one per asset), times the hour of the week, driving correlated normal shocks; Poisson jumps of the
 * market and of single assets. Prices are martingales (drift -variance/2, jump means compensated).
 *
 * Every part is advanced by its exact transition over a step, except that volatility is held during the step and a
 * step sees at most one change of regime and one jump per law: steps must be short (300 s at most).
 */
export class MarketProcess {
  regime: number;
  readonly #p: SimulatorParameters;
  readonly #random: Random;
  readonly #lower: number[][];
  #common: number;
  readonly #own = new Float64Array(SIZE);
  readonly #shock = new Float64Array(SIZE);
  readonly #out = {
    logReturns: new Float64Array(SIZE),
    deviations: new Float64Array(SIZE),
    jumps: new Float64Array(SIZE),
  };
  /** Annual volatility of the last step, by asset. */
  readonly volatilities = new Float64Array(SIZE);

  constructor(parameters: SimulatorParameters, random: Random) {
    this.#p = parameters;
    this.#random = random;
    this.#lower = cholesky(parameters.correlation);
    this.regime = parameters.firstRegime;
    this.#common = parameters.commonFactor.deviation * random.normal();
    for (let i = 0; i < SIZE; i++) this.#own[i] = parameters.ownFactor.deviation * random.normal();
  }

  /** Advances by `seconds` from `timeSeconds`. The arrays returned are reused by the next call. */
  advance(timeSeconds: number, seconds: number): StepOutcome {
    const p = this.#p;
    const random = this.#random;
    const hours = seconds / 3600;
    const years = seconds / SECONDS_PER_YEAR;
    this.#changeRegime(hours);
    const regime = p.regimes[this.regime]!;
    this.#common = revert(this.#common, p.commonFactor, hours, random);
    const correction = p.commonFactor.deviation ** 2 + p.ownFactor.deviation ** 2;
    const season = p.seasonality[Math.floor(timeSeconds / 3600) % 168]!;

    for (let i = 0; i < SIZE; i++) this.#shock[i] = random.normal();
    const market = p.marketJump;
    const marketSize = drawJump(market, regime.jumps * years, random);
    const meanJump = market.perYear * regime.jumps * years;
    for (let i = 0; i < SIZE; i++) {
      const asset = RISKY_ASSETS[i]!;
      const own = revert(this.#own[i]!, p.ownFactor, hours, random);
      this.#own[i] = own;
      const factor = Math.exp(this.#common + own - correction);
      const volatility = p.baseVolatility[asset] * regime.volatility * season * factor;
      this.volatilities[i] = volatility;
      const deviation = volatility * Math.sqrt(years);
      let shock = 0;
      for (let k = 0; k <= i; k++) shock += this.#lower[i]![k]! * this.#shock[k]!;
      const jump = market.beta[asset] * marketSize + drawJump(p.ownJump, regime.jumps * years, random);
      const compensation =
        meanJump * market.beta[asset] * market.meanLog +
        p.ownJump.perYear * regime.jumps * years * p.ownJump.meanLog;
      this.#out.deviations[i] = deviation;
      this.#out.jumps[i] = jump;
      this.#out.logReturns[i] = deviation * shock - 0.5 * deviation * deviation + jump - compensation;
    }
    return this.#out;
  }

  #changeRegime(hours: number): void {
    const regime = this.#p.regimes[this.regime]!;
    const draw = this.#random.uniform();
    if (draw >= -Math.expm1(-hours / regime.meanHours)) return;
    let pick = this.#random.uniform();
    for (let next = 0; next < regime.next.length; next++) {
      pick -= regime.next[next]!;
      if (pick < 0) {
        this.regime = next;
        return;
      }
    }
  }
}

function drawJump(
  law: { perYear: number; meanLog: number; deviationLog: number },
  years: number,
  random: Random,
): number {
  if (random.uniform() >= -Math.expm1(-law.perYear * years)) return 0;
  return law.meanLog + law.deviationLog * random.normal();
}

/** Exact transition of an Ornstein-Uhlenbeck factor with stationary deviation and half-life, over `hours`. */
export function revert(
  value: number,
  law: { readonly deviation: number; readonly halfLifeHours: number },
  hours: number,
  random: Random,
): number {
  const keep = 2 ** (-hours / law.halfLifeHours);
  return value * keep + law.deviation * Math.sqrt(1 - keep * keep) * random.normal();
}
