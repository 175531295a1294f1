import type { FeedMemory } from '../guards/memory.ts';
import type { RobustPrice } from '../price.ts';

/**
 * The first moments of a feed in a process. Until every source has spoken, a price that cannot be used says that the
 * process has just started, not that the market was out of order: it must not be held closed for it afterwards. Over
 * when the price is usable, when all sources have spoken, and in any case after one hold, for a dead source never does.
 */
export class StartUp {
  #sinceMs: number | null = null;
  #over = false;

  get over(): boolean {
    return this.#over;
  }

  /** @returns `after` with the holds of `before` while the start-up lasts, else `after` as it is */
  remembered(
    before: FeedMemory,
    after: FeedMemory,
    seen: { readonly price: RobustPrice; readonly allSpoke: boolean; readonly holdMs: number },
  ): FeedMemory {
    const { asOfMs, verdicts } = seen.price;
    this.#sinceMs ??= asOfMs;
    const usable = verdicts.open.usable && verdicts.margin.usable && verdicts.liquidate.usable;
    this.#over ||= seen.allSpoke || usable || asOfMs - this.#sinceMs >= seen.holdMs;
    return this.#over ? after : { ...after, holds: before.holds };
  }
}
