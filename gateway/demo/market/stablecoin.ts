import { SECONDS_PER_YEAR } from '../../../risk/units/time.ts';
import type { SimulatorParameters } from './parameters.ts';
import type { Random } from './random.ts';

/** Log price of a stablecoin: Ornstein-Uhlenbeck around 1.00, advanced by its exact transition. */
export class Stablecoin {
  logPrice: number;
  readonly #law: SimulatorParameters['usdc'];
  readonly #random: Random;

  constructor(law: SimulatorParameters['usdc'], random: Random) {
    this.#law = law;
    this.#random = random;
    this.logPrice = law.deviation * random.normal();
  }

  /** Returns the standard deviation of the move that was drawn. */
  advance(seconds: number): number {
    const keep = 2 ** (-seconds / 3600 / this.#law.halfLifeHours);
    const deviation = this.#law.deviation * Math.sqrt(1 - keep * keep);
    this.logPrice = this.logPrice * keep + deviation * this.#random.normal();
    return deviation;
  }

  /** Instantaneous volatility, annualised: deviation x sqrt(2 ln 2 / half-life). */
  get annualVolatility(): number {
    const halfLifeYears = (this.#law.halfLifeHours * 3600) / SECONDS_PER_YEAR;
    return this.#law.deviation * Math.sqrt((2 * Math.LN2) / halfLifeYears);
  }
}
