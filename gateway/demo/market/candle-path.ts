import type { Candle } from '../../../models/data/candle-file.ts';
import { SECONDS_PER_YEAR, type UnixMs } from '../../../risk/units/time.ts';
import { garmanKlass, intrabarPath } from './bridge.ts';
import { createRandom } from './random.ts';

/** Second-by-second prices of one asset from its candles; hours without a candle stay at the last close. */
export class CandlePath {
  readonly #candles: readonly Candle[];
  readonly #intervalMs: number;
  readonly #seed: number;
  readonly #label: string;
  #at: number;
  #path: Float64Array | null = null;
  #pathOf = -1;
  #volatility: number;

  constructor(candles: readonly Candle[], intervalMs: number, seed: number, label: string, fromMs: UnixMs) {
    this.#candles = candles;
    this.#intervalMs = intervalMs;
    this.#seed = seed;
    this.#label = label;
    this.#at = lastAtOrBefore(candles, fromMs);
    this.#volatility = this.#trailingVolatility();
  }

  /** Price at a market second; must not be called for an earlier second than before. */
  priceAt(timeMs: UnixMs): number {
    while ((this.#candles[this.#at + 1]?.tsMs ?? Number.POSITIVE_INFINITY) <= timeMs) this.#at += 1;
    const candle = this.#candles[this.#at]!;
    const second = Math.floor((timeMs - candle.tsMs) / 1000);
    if (second >= this.#intervalMs / 1000) return candle.close;
    if (this.#pathOf !== this.#at) {
      // The path of a candle depends on the seed and its own time alone, not on where the replay started.
      const random = createRandom(this.#seed, `path:${this.#label}:${candle.tsMs}`);
      this.#path = intrabarPath(candle, this.#intervalMs / 1000, random);
      this.#pathOf = this.#at;
      this.#volatility = this.#trailingVolatility();
    }
    return this.#path![second]!;
  }

  /** Volatility of the last day of candles before the present one, annualised: what a venue would know by now. */
  get annualVolatility(): number {
    return this.#volatility;
  }

  #trailingVolatility(): number {
    const count = Math.max(1, Math.round(86_400_000 / this.#intervalMs));
    const from = Math.max(0, this.#at - count);
    let variance = 0;
    for (let k = from; k < this.#at; k++) variance += garmanKlass(this.#candles[k]!);
    const years = ((this.#at - from) * this.#intervalMs) / 1000 / SECONDS_PER_YEAR;
    return years > 0 ? Math.sqrt(variance / years) : 0;
  }
}

/** Index of the last candle with ts <= time (binary search); 0 when there is none. */
export function lastAtOrBefore(candles: readonly Candle[], timeMs: UnixMs): number {
  let low = 0;
  let high = candles.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (candles[middle]!.tsMs <= timeMs) low = middle;
    else high = middle - 1;
  }
  return low;
}
