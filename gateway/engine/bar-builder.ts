import type { HourlyBar } from '../../models/forecast.ts';
import { MS_PER_HOUR, type UnixMs } from '../../risk/units/time.ts';

/** Longest silence inside an hour after which its high and low can no longer be trusted. */
export const MAX_GAP_MS = 10 * 60_000;

/**
 * Builds hourly candles from the robust prices seen while live. An hour that was not watched from its start
 * to its end (start-up, silent oracles) gives no candle: a missing bar is handled by the gap rules of
 * `models/`, a wrong range is not. Volume is 0: an oracle price has none. Pure: times come in.
 */
export class BarBuilder {
  #bar: HourlyBar | null = null;
  #lastMs: UnixMs = Number.NEGATIVE_INFINITY;
  #complete = false;

  /** Adds one observation; returns the candle that this observation closed, if it was watched throughout. */
  add(atMs: UnixMs, price: number): HourlyBar | null {
    if (atMs < this.#lastMs || !(price > 0) || !Number.isFinite(price)) return null;
    const hourMs = Math.floor(atMs / MS_PER_HOUR) * MS_PER_HOUR;
    const continuous = atMs - this.#lastMs <= MAX_GAP_MS;
    this.#lastMs = atMs;
    const current = this.#bar;
    if (current !== null && hourMs === current.tsMs) {
      this.#complete &&= continuous;
      this.#bar = {
        ...current,
        high: Math.max(current.high, price),
        low: Math.min(current.low, price),
        close: price,
      };
      return null;
    }
    const closed = current !== null && this.#complete && continuous ? current : null;
    this.#complete = atMs - hourMs <= MAX_GAP_MS;
    this.#bar = { tsMs: hourMs, open: price, high: price, low: price, close: price, volume: 0 };
    return closed;
  }
}
