import { describe, expect, it } from 'vitest';
import { checkStartReferences } from '../../../gateway/runtime/check-references.ts';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import { feed, quote } from '../../oracles/support/feeds.ts';

const ETH = feed({ referencePrice: '3000', minPrice: '0.0001', maxPrice: '100000000' });
const warned: object[] = [];
const logger = { warn: (fields: object) => void warned.push(fields) } as never;

describe('the check of reference prices at start', () => {
  it('ends as soon as every source said a price of the right scale', async () => {
    const book = new PriceBook([ETH]);
    const done = checkStartReferences(book, 60_000, logger);
    book.ingest(ETH.sources.map(({ id }) => quote(ETH, id, 2950)));
    await done;
    expect(warned).toEqual([]);
  });

  it('refuses by name a source that is off by a power of ten', async () => {
    const book = new PriceBook([ETH]);
    book.ingest([quote(ETH, 'pyth:hermes', 3000), quote(ETH, 'chainlink:hub', 300_000)]);
    await expect(checkStartReferences(book, 60_000, logger)).rejects.toMatchObject({
      type: 'reference-price',
      feedIds: ['ETH-USD'],
      issues: [
        {
          field: 'feeds.ETH-USD.sources.chainlink:hub',
          message: expect.stringContaining('the scale is off by 10^2'),
        },
      ],
    });
  });

  it('goes on without those that say nothing in time, and names them', async () => {
    const book = new PriceBook([ETH, feed({ id: 'BTC-USD' })]);
    book.ingest([quote(ETH, 'pyth:hermes', 3000)]);
    await checkStartReferences(book, 0, logger);
    expect(warned).toEqual([{ sources: ['ETH-USD chainlink:hub', 'ETH-USD twap:hub'] }]);
  });
});
