import type { Database } from '../../db/connection.ts';
import { listPricePoints } from '../../db/queries/price-history.ts';
import {
  latestPriceSnapshots,
  type PriceSnapshot,
  priceSnapshotAt,
} from '../../db/queries/price-snapshots.ts';
import { UnknownFeedError } from '../../oracles/book/errors.ts';
import type { PriceBook } from '../../oracles/book/price-book.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import type { PricesPort } from '../app/ports.ts';
import type { RequireSettled } from './settled-moments.ts';

/** A stored price as it was answered; alarms are not stored, a replay gives them. */
export function priceOfSnapshot(row: PriceSnapshot): RobustPrice {
  return {
    feedId: row.feed,
    base: row.base,
    quoteAsset: row.quoteAsset,
    asOfMs: row.asOfMs,
    market: row.market as RobustPrice['market'],
    verdicts: row.verdicts as RobustPrice['verdicts'],
    votes: row.votes as RobustPrice['votes'],
    ...(row.memory === null ? {} : { memory: row.memory as NonNullable<RobustPrice['memory']> }),
    configHash: row.configHash,
  };
}

/** The price of a feed in force at a market time, as it was stored; null before the first. @throws DatabaseUnavailableError */
export async function storedPriceAt(
  database: Database,
  feedId: string,
  atMs: UnixMs,
): Promise<RobustPrice | null> {
  const row = await priceSnapshotAt(database.orm, feedId, atMs);
  return row === null ? null : priceOfSnapshot(row);
}

/** Prices of the book now, and those that were stored then. */
export function pricesPort(options: {
  readonly book: PriceBook;
  readonly database: Database;
  readonly clock: Clock;
  readonly validForMs: number;
  readonly requireSettled: RequireSettled;
}): Required<PricesPort> {
  const { book, database, clock, validForMs, requireSettled } = options;
  return {
    ids: () => book.feedIds,
    get: (feedId) => book.price(feedId, clock.nowMs()),
    validForMs,
    async at(feedId, atMs) {
      if (!book.feedIds.includes(feedId)) throw new UnknownFeedError(feedId);
      await requireSettled(atMs);
      return storedPriceAt(database, feedId, atMs);
    },
    history: (feedId, range) => listPricePoints(database.orm, feedId, range),
    onAlarm: (listener) => book.onAlarm(listener),
  };
}

/** The newest stored answer of each feed: what an earlier process remembered, for `PriceBook.recall`. */
export async function storedPrices(
  database: Database,
  feeds: readonly { readonly id: string }[],
): Promise<readonly RobustPrice[]> {
  const rows = await latestPriceSnapshots(
    database.orm,
    feeds.map(({ id }) => id),
  );
  return rows.map(priceOfSnapshot);
}
