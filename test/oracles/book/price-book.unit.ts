import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import type { BreakwaterError } from '../../../risk/errors.ts';
import { chainlink, failure, feed, NOW, pyth, quote, twap } from '../support/feeds.ts';

const USDC = feed({
  id: 'USDC-USD',
  base: 'USDC',
  minPrice: '0.5',
  maxPrice: '1.5',
  sources: [pyth({ maxAgeSeconds: 600 }), chainlink({ maxAgeSeconds: 90_000 })],
});
const ETH = feed({ sources: [pyth(), chainlink(), twap({ quoteAsset: 'USDC', quoteFeed: 'USDC-USD' })] });
const usdcReports = (price = 1) => ['pyth:hermes', 'chainlink:hub'].map((id) => quote(USDC, id, price));
const ethReports = (price = 3000) =>
  ['pyth:hermes', 'chainlink:hub', 'twap:hub'].map((id) => quote(ETH, id, price));

function typeOf(run: () => unknown): string {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return (error as BreakwaterError).type;
  }
}

describe('PriceBook', () => {
  it('evaluates cross feeds after their legs, whatever the order given', () => {
    const book = new PriceBook([ETH, USDC]);
    expect(book.feedIds).toEqual(['USDC-USD', 'ETH-USD']);
    book.ingest([...ethReports(), ...usdcReports(0.99)]);
    expect(book.price('ETH-USD', NOW).votes[2]!.priceWad).toBe(2970n * 10n ** 18n);
    expect(book.all(NOW).map(({ feedId }) => feedId)).toEqual(['USDC-USD', 'ETH-USD']);
  });

  it('re-evaluates a cross feed when only its leg changed', () => {
    const book = new PriceBook([USDC, ETH]);
    book.ingest([...ethReports(), ...usdcReports()]);
    const before = book.price('ETH-USD', NOW);
    expect(book.price('ETH-USD', NOW)).toBe(before);
    expect([...book.ingest(usdcReports(0.98))]).toEqual(['USDC-USD', 'ETH-USD']);
    expect(book.price('ETH-USD', NOW).votes[2]!.priceWad).toBe(2940n * 10n ** 18n);
  });

  it('lets a silent source grow stale without any message', () => {
    const book = new PriceBook([USDC, ETH]);
    book.ingest([...ethReports(), ...usdcReports()]);
    const at = (ageMs: number) => book.price('ETH-USD', NOW + ageMs).votes.map(({ included }) => included);
    expect(at(60_000)).toEqual([true, true, true]);
    expect(at(60_001)).toEqual([false, true, true]);
    expect(book.price('ETH-USD', NOW + 301_000).market).toBeNull();
    expect(book.price('ETH-USD', NOW + 301_000).verdicts.margin.usable).toBe(false);
    expect(at(0)).toEqual([true, true, true]);
  });

  it('never lets an older quote overwrite a newer one', () => {
    const book = new PriceBook([USDC, ETH]);
    book.ingest([quote(USDC, 'pyth:hermes', 1.01)]);
    expect([...book.ingest([quote(USDC, 'pyth:hermes', 0.9, { publishTimeMs: NOW - 1 })])]).toEqual([]);
    expect(book.reports('USDC-USD')).toEqual([quote(USDC, 'pyth:hermes', 1.01)]);
    // On a chain the block decides: a lagging node is older, a reorganised round at a later block is newer.
    const block = (number: bigint, price: number, publishTimeMs: number) =>
      quote(USDC, 'chainlink:hub', price, { blockNumber: number, publishTimeMs });
    book.ingest([block(100n, 1, NOW)]);
    expect(book.ingest([block(75n, 1.1, NOW + 5000)]).size).toBe(0);
    expect(book.ingest([block(101n, 1.02, NOW - 5000)]).size).toBe(2);
    expect(book.statistics().sources[1]).toMatchObject({ quotes: 2, outdated: 1, moves: 1 });
  });

  it('replaces a quote by a failure, and takes the same quote back afterwards', () => {
    const book = new PriceBook([USDC]);
    book.ingest(usdcReports());
    book.ingest([failure(USDC, 'chainlink:hub', 'chain-unavailable')]);
    expect(book.price('USDC-USD', NOW).verdicts.margin.reasons.map(({ code }) => code)).toEqual([
      'quorum-not-met',
      'chain-unavailable',
    ]);
    book.ingest(usdcReports());
    expect(book.price('USDC-USD', NOW).verdicts.margin.usable).toBe(true);
  });

  it('counts moves per source, and signed updates', () => {
    const book = new PriceBook([USDC]);
    for (const price of [1, 1, 1.001, 1.002, 1.002]) book.ingest([quote(USDC, 'pyth:hermes', price)]);
    book.countUpdate(null);
    book.countUpdate('pyth-merkle-proof');
    expect(book.statistics()).toEqual({
      sources: [
        {
          feedId: 'USDC-USD',
          sourceId: 'pyth:hermes',
          kind: 'pyth-hermes',
          chain: null,
          quotes: 5,
          moves: 2,
          failures: 0,
          outdated: 0,
        },
        {
          feedId: 'USDC-USD',
          sourceId: 'chainlink:hub',
          kind: 'chainlink',
          chain: 'hub',
          quotes: 0,
          moves: 0,
          failures: 0,
          outdated: 0,
        },
      ],
      updates: { verified: 1, refused: 1, lastRefusal: 'pyth-merkle-proof' },
    });
  });

  it('tells its subscribers what changed, and no longer once they left', () => {
    const book = new PriceBook([USDC, ETH]);
    const heard: string[][] = [];
    const leave = book.subscribe((ids) => heard.push([...ids]));
    book.ingest(usdcReports());
    book.ingest([quote(feed({ id: 'SOL-USD' }), 'pyth:hermes', 1)]);
    leave();
    book.ingest(usdcReports());
    expect(heard).toEqual([['USDC-USD', 'ETH-USD']]);
  });

  it('refuses what cannot be evaluated', () => {
    expect(typeOf(() => new PriceBook([USDC]).price('BTC-USD', NOW))).toBe('unknown-feed');
    expect(typeOf(() => new PriceBook([ETH]))).toBe('invalid-input');
    expect(typeOf(() => new PriceBook([USDC, USDC]))).toBe('invalid-input');
    const a = feed({
      id: 'A-X',
      base: 'A',
      quote: 'X',
      sources: [pyth({ quoteAsset: 'B', quoteFeed: 'B-X' })],
    });
    const b = feed({
      id: 'B-X',
      base: 'B',
      quote: 'X',
      sources: [pyth({ quoteAsset: 'A', quoteFeed: 'A-X' })],
    });
    expect(typeOf(() => new PriceBook([a, b]))).toBe('feed-cycle');
    const wrongUnit = feed({ id: 'USDC-EUR', base: 'USDC', quote: 'EUR', sources: [pyth()] });
    const through = feed({ sources: [pyth({ quoteAsset: 'USDC', quoteFeed: 'USDC-EUR' })] });
    expect(typeOf(() => new PriceBook([wrongUnit, through]))).toBe('invalid-input');
  });
});

describe('memory of the book', () => {
  const CLASSED = feed({ class: 'major', minGroups: 2 });
  const at = (ms: number, price: number) =>
    ['pyth:hermes', 'chainlink:hub', 'twap:hub'].map((id) =>
      quote(CLASSED, id, price, {
        publishTimeMs: NOW + ms,
        ...(id === 'pyth:hermes' ? {} : { blockTimeMs: NOW + ms }),
      }),
    );

  it('judges a feed with a class by what it said before, and says what that was', () => {
    const book = new PriceBook([CLASSED]);
    book.ingest(at(0, 3000));
    const first = book.price('ETH-USD', NOW);
    expect(first.verdicts.open.usable).toBe(true);
    expect(first.memory).toMatchObject({ lastGood: null, ema1hWad: null });
    book.ingest(at(1000, 2700));
    const second = book.price('ETH-USD', NOW + 1000);
    expect(second.memory!.lastGood).toEqual({ priceWad: first.market!.priceWad, atMs: NOW });
    expect(second.verdicts.open.reasons.map(({ code }) => code)).toEqual(['jump']);
    expect([second.verdicts.open.usable, second.verdicts.liquidate.usable]).toEqual([false, true]);
    // Hours later the average takes the new price over, and the next verdict has it.
    book.ingest(at(9 * 3_600_000, 2700));
    expect(book.price('ETH-USD', NOW + 9 * 3_600_000).verdicts.open.usable).toBe(false);
    book.ingest(at(9 * 3_600_000 + 1000, 2700));
    const held = book.price('ETH-USD', NOW + 9 * 3_600_000 + 1000).verdicts.open;
    expect([held.usable, held.reasons.map(({ code }) => code)]).toEqual([false, ['hold']]);
    // And it opens when nothing has closed it for the hold.
    expect(book.price('ETH-USD', NOW + 9 * 3_600_000 + 59_999).verdicts.open.usable).toBe(false);
    expect(book.price('ETH-USD', NOW + 9 * 3_600_000 + 60_000).verdicts.open.usable).toBe(true);
  });

  it('does not hold closed after a restart what had only not been heard of yet', () => {
    const before = new PriceBook([CLASSED]);
    before.ingest(at(0, 3000));
    const last = before.price('ETH-USD', NOW);
    const book = new PriceBook([CLASSED]);
    book.recall([last], NOW + 500);
    expect(book.price('ETH-USD', NOW + 1000).verdicts.open.usable).toBe(false);
    book.ingest(at(2000, 3000).slice(0, 1));
    expect(book.price('ETH-USD', NOW + 2000).verdicts.open.usable).toBe(false);
    book.ingest(at(3000, 3000));
    expect(book.price('ETH-USD', NOW + 3000).verdicts.open).toEqual({ usable: true, reasons: [] });
    // What is closed from then on is held closed as ever.
    book.ingest(at(4000, 2700));
    expect(book.price('ETH-USD', NOW + 4000).verdicts.open.usable).toBe(false);
    const { memory } = book.price('ETH-USD', NOW + 5000);
    expect(memory!.holds!.open).toEqual({ opened: true, refusedAtMs: NOW + 4000 });
  });

  it('holds closed what a source that never speaks keeps closed for longer than the hold', () => {
    const before = new PriceBook([CLASSED]);
    before.ingest(at(0, 3000));
    const book = new PriceBook([CLASSED]);
    book.recall([before.price('ETH-USD', NOW)], NOW + 500);
    for (const ms of [1000, 61_000, 62_000]) {
      expect(book.price('ETH-USD', NOW + ms).verdicts.open.usable).toBe(false);
    }
    book.ingest(at(63_000, 3000));
    const { open } = book.price('ETH-USD', NOW + 63_000).verdicts;
    expect([open.usable, open.reasons.map(({ code }) => code)]).toEqual([false, ['hold']]);
  });

  it('keeps none for a feed without a class', () => {
    const book = new PriceBook([ETH, USDC]);
    book.ingest([...ethReports(), ...usdcReports()]);
    expect(book.price('ETH-USD', NOW).memory).toBeUndefined();
  });
});
