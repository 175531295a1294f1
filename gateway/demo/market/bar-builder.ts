import type { HourlyBar } from '../../../models/forecast.ts';
import type { UnixMs } from '../../../risk/units/time.ts';
import type { Random } from './random.ts';

/**
 * Collects one hourly bar in log prices from sub-steps. Between two sub-step ends the diffusion is a Brownian bridge,
 * whose extremes are drawn from their exact law: P(max > m | a, b) = exp(-2 (m - a)(m - b) / s^2). So the range
 * is that of the continuous path, and Garman-Klass variance agrees with the variance that was simulated.
 */
export class BarBuilder {
  readonly #random: Random;
  #open = 0;
  #high = 0;
  #low = 0;
  #last = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  start(logOpen: number): void {
    this.#open = logOpen;
    this.#high = logOpen;
    this.#low = logOpen;
    this.#last = logOpen;
  }

  /** A diffusive move to `logPrice` with standard deviation `deviation`, then a jump of `jump` (0 for none). */
  add(logPrice: number, deviation: number, jump: number): void {
    const a = this.#last;
    const b = logPrice - jump;
    const span = (b - a) * (b - a);
    const twice = 2 * deviation * deviation;
    const up = (a + b + Math.sqrt(span + twice * this.#random.exponential())) / 2;
    const down = (a + b - Math.sqrt(span + twice * this.#random.exponential())) / 2;
    this.#high = Math.max(this.#high, up, logPrice);
    this.#low = Math.min(this.#low, down, logPrice);
    this.#last = logPrice;
  }

  /**
   * Ends the bar; the function returned places it at a price level (log of a factor), which is known only at the end of
   * the history. Volume grows with the root of the range: busy hours are volatile hours.
   */
  finish(tsMs: UnixMs, meanVolume: number): (logScale: number) => HourlyBar {
    const [o, h, l, c] = [this.#open, this.#high, this.#low, this.#last];
    const volume = meanVolume * Math.sqrt((h - l) / 0.01) * Math.exp(0.3 * this.#random.normal());
    return (logScale) => {
      const open = Math.exp(o + logScale);
      const close = Math.exp(c + logScale);
      const high = Math.max(open, close, Math.exp(h + logScale));
      const low = Math.min(open, close, Math.exp(l + logScale));
      return { tsMs, open, high, low, close, volume };
    };
  }
}
