import { InvalidInputError } from '../../risk/errors.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';

export interface MarketClockOptions {
  readonly startMs: UnixMs;
  /** Market seconds per wall second. */
  readonly speed: number;
  /** Market time that may pass after the last completed step; the driver's largest step. */
  readonly maxLeadMs: number;
  /** Monotonic wall time in ms, e.g. performance.now. */
  readonly wall?: () => number;
}

/**
 * Market time of demo and replay: start + wall x speed, held by the driver's steps.
 *
 * Two rules fix it. A verdict's age must follow market time, so the clock runs on between two steps. And a block of
 * time t must never lie in the clock's future, so the driver mines for a time that the clock has already reached
 * (`nowMs()` at the start of the step). When steps stop completing, the clock stops `maxLeadMs` after the last one:
 * a slow machine makes market time slow, never prices old. Time lost so is not caught up afterwards. A single dead
 * chain does not hold the clock (its step fails, the driver's step completes), so its prices do age.
 */
export class MarketClock implements Clock {
  readonly speed: number;
  readonly maxLeadMs: number;
  readonly #wall: () => number;
  #anchorMarketMs: number;
  /** Null until the clock is started. */
  #anchorWallMs: number | null = null;
  #completedMs: number;
  #heldMs = 0;
  #lastMs: number;

  constructor(options: MarketClockOptions) {
    if (!Number.isSafeInteger(options.startMs) || options.startMs < 0) {
      throw new InvalidInputError('startMs', 'must be a time in whole milliseconds');
    }
    if (!(options.speed > 0 && Number.isFinite(options.speed)))
      throw new InvalidInputError('speed', 'must be above 0');
    if (!(options.maxLeadMs > 0)) throw new InvalidInputError('maxLeadMs', 'must be above 0');
    this.speed = options.speed;
    this.maxLeadMs = options.maxLeadMs;
    this.#wall = options.wall ?? (() => performance.now());
    this.#anchorMarketMs = options.startMs;
    this.#completedMs = options.startMs;
    this.#lastMs = options.startMs;
  }

  /** Never goes back; at most `maxLeadMs` after the last completed step. Whole milliseconds. */
  nowMs(): UnixMs {
    if (this.#anchorWallMs === null) return this.#lastMs;
    const wall = this.#wall();
    let projected = this.#anchorMarketMs + Math.max(0, wall - this.#anchorWallMs) * this.speed;
    const limit = this.#completedMs + this.maxLeadMs;
    if (projected > limit) {
      this.#heldMs += projected - limit;
      projected = limit;
      this.#anchorMarketMs = limit;
      this.#anchorWallMs = wall;
    }
    this.#lastMs = Math.max(this.#lastMs, Math.floor(projected));
    return this.#lastMs;
  }

  /**
   * The driver's step for market time `timeMs` is over on everything that it could reach.
   * @throws InvalidInputError for a time before the last completed step or in the clock's future.
   */
  complete(timeMs: UnixMs): void {
    const now = this.nowMs();
    if (timeMs < this.#completedMs)
      throw new InvalidInputError('timeMs', 'is before the last completed step');
    if (timeMs > now) throw new InvalidInputError('timeMs', 'is in the future of the clock');
    this.#completedMs = timeMs;
  }

  /** Starts counting wall time; before it the clock stands at its start, so that booting costs no market time. */
  start(): void {
    this.#anchorWallMs ??= this.#wall();
  }

  get completedMs(): UnixMs {
    return this.#completedMs;
  }

  /** Market time that was lost because steps took longer than they cover. */
  get heldMs(): number {
    return this.#heldMs;
  }
}
