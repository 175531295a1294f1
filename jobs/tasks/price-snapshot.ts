import { z } from 'zod';
import type { Database } from '../../db/connection.ts';
import { insertPriceSnapshots, type PriceSnapshot } from '../../db/queries/price-snapshots.ts';
import { settle } from '../../db/queries/settled.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import { bucketOf } from '../buckets.ts';
import { defineTask } from '../task.ts';

export interface PriceSnapshotPorts {
  readonly database: Database;
  /** The present robust price of every feed, refused ones included. Must be short: writers wait meanwhile. */
  prices(signal: AbortSignal): Promise<readonly RobustPrice[]>;
  /** Market time between two kept snapshots of a feed. */
  readonly intervalMs: number;
}

/** The row that keeps a robust price with everything needed to explain it later. */
export function toSnapshot(price: RobustPrice, intervalMs: number): PriceSnapshot {
  return {
    feed: price.feedId,
    asOfMs: price.asOfMs,
    bucketMs: bucketOf(price.asOfMs, intervalMs),
    base: price.base,
    quoteAsset: price.quoteAsset,
    priceWad: price.market?.priceWad ?? null,
    confidenceWad: price.market?.confidenceWad ?? null,
    market: price.market,
    verdicts: price.verdicts,
    votes: price.votes,
    memory: price.memory ?? null,
    configHash: price.configHash,
  };
}

/**
 * Stores the present price of every feed; the first one of a feed in an interval stays. With them every moment up to now
 * is settled: it can be answered for good.
 */
export const priceSnapshot = defineTask({
  name: 'price-snapshot',
  payload: z.strictObject({}),
  timeoutMs: 15_000,
  attempts: 3,
  backoff: { delayMs: 500, jitter: 0.5 },
  async run(_payload, ports: PriceSnapshotPorts, { signal, logger }) {
    const settled = await settle(ports.database, async () => {
      const prices = await ports.prices(signal);
      if (prices.length === 0) return null;
      const snapshots = prices.map((price) => toSnapshot(price, ports.intervalMs));
      return {
        atMs: Math.max(...prices.map(({ asOfMs }) => asOfMs)),
        store: async (tx) => ({ prices: prices.length, stored: await insertPriceSnapshots(tx, snapshots) }),
      };
    });
    if (settled === null) return { prices: 0, stored: 0 };
    const { value, takenBackMs } = settled;
    if (takenBackMs > 0) {
      logger.warn({ takenBackMs }, 'market time went back: moments that were settled are open again');
    }
    return value;
  },
});
