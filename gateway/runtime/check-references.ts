import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { PriceBook } from '../../oracles/book/price-book.ts';
import { ReferencePriceError } from '../../oracles/book/reference.ts';

const LOOK_MS = 100;

/**
 * Waits until every source of a feed with a `referencePrice` has said one price, and refuses the configuration when one
 * is of another scale or direction. Sources that say nothing within the patience are named in the log; should they come
 * later and be wrong, the price book leaves them out.
 * @throws ReferencePriceError naming feed and source
 */
export async function checkStartReferences(
  book: PriceBook,
  patienceMs: number,
  logger: Pick<Logger, 'warn'>,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const mismatches = book.references.mismatches();
    if (mismatches.length > 0) throw new ReferencePriceError(mismatches);
    const unchecked = book.references.unchecked();
    if (unchecked.length === 0) return;
    if (performance.now() > deadline) {
      logger.warn({ sources: unchecked }, 'not yet compared with their reference prices');
      return;
    }
    await delay(LOOK_MS);
  }
}
