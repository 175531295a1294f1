import { median } from '../../../../oracles/reducers/medians.ts';
import type { UnixMs } from '../../../../risk/units/time.ts';
import type { Random } from '../random.ts';
import { ASSETS, type Asset, type MarketTick } from '../source.ts';

/** One Pyth price as Hermes publishes it, in USD. */
export interface PythPrice {
  readonly asset: Asset;
  readonly price: number;
  /** One standard deviation, as Pyth states it. */
  readonly confidence: number;
  readonly emaPrice: number;
  readonly emaConfidence: number;
}

/** Half-life of the moving averages; Pyth's own are inverse-confidence weighted over about an hour. */
const EMA_HALF_LIFE_SECONDS = 3600;
/** Confidence at 50 % annual volatility, as a fraction of the price, on top of the venues' dispersion. */
const BASE_CONFIDENCE = 2e-4;
/** Publishers' common error, as a fraction of the price. */
const NOISE = 3e-5;

/**
 * Pyth's aggregate from the venues: their median with a small error, and a confidence of half their range or the usual
 * width at the present volatility, whichever is wider. Keeps the moving averages.
 */
export class PythStream {
  readonly #random: Random;
  readonly #ema = new Map<Asset, { price: number; confidence: number }>();
  #lastMs: UnixMs | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  publish(tick: MarketTick): readonly PythPrice[] {
    const seconds = this.#lastMs === null ? 0 : (tick.timeMs - this.#lastMs) / 1000;
    this.#lastMs = tick.timeMs;
    const keep = 2 ** (-seconds / EMA_HALF_LIFE_SECONDS);
    return ASSETS.map((asset) => {
      const { venues, annualVolatility } = tick.assets[asset];
      const price = median(venues)! * (1 + NOISE * this.#random.normal());
      const usual = price * BASE_CONFIDENCE * Math.sqrt(Math.max(annualVolatility, 0.01) / 0.5);
      const confidence = Math.max(usual, (Math.max(...venues) - Math.min(...venues)) / 2);
      const before = this.#ema.get(asset) ?? { price, confidence };
      const ema = {
        price: before.price * keep + price * (1 - keep),
        confidence: before.confidence * keep + confidence * (1 - keep),
      };
      this.#ema.set(asset, ema);
      return { asset, price, confidence, emaPrice: ema.price, emaConfidence: ema.confidence };
    });
  }
}
