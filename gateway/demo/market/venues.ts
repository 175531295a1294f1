import type { SimulatorParameters } from './parameters.ts';
import { createRandom, type Random } from './random.ts';
import { ASSETS } from './source.ts';

/**
 * Mid prices of several venues around the true price: each venue and asset has its own mean-reverting deviation,
 * wider in volatile moments (a venue's book lags more when the market runs). Advanced second by second.
 */
export class Venues {
  readonly #p: SimulatorParameters['venues'];
  readonly #random: Random;
  readonly #deviations: Float64Array[];
  readonly #keep: number;

  constructor(parameters: SimulatorParameters['venues'], seed: number) {
    this.#p = parameters;
    this.#random = createRandom(seed, 'venues');
    this.#keep = 2 ** (-1 / parameters.halfLifeSeconds);
    this.#deviations = ASSETS.map(() =>
      Float64Array.from({ length: parameters.count }, () => this.#random.normal()),
    );
  }

  advanceSecond(): void {
    const fresh = Math.sqrt(1 - this.#keep * this.#keep);
    for (const row of this.#deviations) {
      for (let v = 0; v < row.length; v++) row[v] = row[v]! * this.#keep + fresh * this.#random.normal();
    }
  }

  /** Mids of asset number `index` at a true price; `annualVolatility` 0.5 has the stated deviation. */
  mids(index: number, price: number, annualVolatility: number): readonly number[] {
    const width = this.#p.deviation * Math.sqrt(annualVolatility / 0.5);
    return Array.from(this.#deviations[index]!, (deviation) => price * Math.exp(width * deviation));
  }
}
