import { beforeAll, describe, expect, it } from 'vitest';
import { insertPriceSnapshots } from '../../../db/queries/price-snapshots.ts';
import { MomentNotSettledError } from '../../../gateway/app/errors.ts';
import { pricesPort, storedPrices } from '../../../gateway/engine/prices-port.ts';
import { toSnapshot } from '../../../jobs/tasks/price-snapshot.ts';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import { useDatabase } from '../../helpers/use.ts';
import { feed, NOW, quote } from '../../oracles/support/feeds.ts';
import { codes, usable, usd } from '../../oracles/support/figures.ts';

const ETH = feed({ class: 'major' });
const at = (price: number, atMs: number) =>
  ETH.sources.map(({ id }) =>
    quote(ETH, id, price, {
      publishTimeMs: atMs,
      ...(id === 'pyth:hermes' ? {} : { blockTimeMs: atMs }),
    }),
  );

const database = await useDatabase();
beforeAll(async () => {
  const book = new PriceBook([ETH]);
  for (const [price, atMs] of [
    [3000, NOW],
    [3003, NOW + 5000],
  ] as const) {
    book.ingest(at(price, atMs));
    const snapshots = book.all(atMs).map((answer) => toSnapshot(answer, 5000));
    await insertPriceSnapshots(database.orm, snapshots);
  }
});

describe('prices that were stored', () => {
  const port = (book: PriceBook) =>
    pricesPort({
      book,
      database,
      clock: { nowMs: () => NOW + 60_000 },
      validForMs: 10_000,
      requireSettled: async (atMs) => {
        if (atMs > NOW + 50_000) throw new MomentNotSettledError(atMs, NOW + 50_000);
      },
    });

  it('are given as they were answered, with what the feed remembered', async () => {
    const prices = port(new PriceBook([ETH]));
    const first = await prices.at('ETH-USD', NOW + 4999);
    expect([first!.asOfMs, first!.market!.priceWad, first!.memory!.lastGood]).toEqual([NOW, usd(3000), null]);
    const second = await prices.at('ETH-USD', NOW + 50_000);
    expect(second!.memory!.lastGood).toEqual({ priceWad: usd(3000), atMs: NOW });
    expect(await prices.at('ETH-USD', NOW - 1)).toBeNull();
    await expect(prices.at('ETH-USD', NOW + 50_001)).rejects.toMatchObject({ type: 'moment-not-settled' });
    await expect(prices.at('DOGE-USD', NOW)).rejects.toMatchObject({ type: 'unknown-feed' });
  });

  it('make a new process remember: the first price after a restart is held against the last before it', async () => {
    const book = new PriceBook([ETH]);
    book.recall(await storedPrices(database, [ETH]), NOW + 20_000);
    book.ingest(at(2600, NOW + 20_000));
    const jumped = book.price('ETH-USD', NOW + 20_000);
    expect([usable(jumped), codes(jumped)]).toEqual(['011', ['jump:ETH-USD']]);
    expect(jumped.memory!.lastGood).toEqual({ priceWad: usd(3003), atMs: NOW + 5000 });
  });
});
