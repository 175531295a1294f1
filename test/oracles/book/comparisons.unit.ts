import { describe, expect, it } from 'vitest';
import type { AlarmEvent } from '../../../oracles/book/alarm-log.ts';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import type { BreakwaterError } from '../../../risk/errors.ts';
import { chainlink, failure, feed, NOW, pyth, quote, twap } from '../support/feeds.ts';
import { codes, usable, usd } from '../support/figures.ts';

const SOURCES = ['pyth:hermes', 'chainlink:hub', 'twap:hub'];
const ETH = feed({ class: 'major' });
const at = (config: typeof ETH, price: number, ms = 0) =>
  config.sources.map(({ id }) =>
    quote(config, id, price, {
      publishTimeMs: NOW + ms,
      ...(id === 'pyth:hermes' ? {} : { blockTimeMs: NOW + ms }),
    }),
  );

describe('the sequencer of the chain on which a price is used', () => {
  // Sources of another chain go on while the L2 stands still.
  const L2 = { chain: 'l2' };
  const USED = feed({
    class: 'major',
    usedOn: 'l2',
    sources: [pyth(), chainlink(), twap(), chainlink({ ...L2, id: 'chainlink:l2', group: 'l2' })],
  });
  const onHub = (ms: number) =>
    SOURCES.map((id) =>
      quote(USED, id, 3000, {
        publishTimeMs: NOW + ms,
        ...(id === 'pyth:hermes' ? {} : { blockTimeMs: NOW + ms }),
      }),
    );

  it('closes new risk and liquidation while it is down and for the grace period, as the chain tells it', () => {
    const book = new PriceBook([USED]);
    book.ingest([...onHub(0), quote(USED, 'chainlink:l2', 3000)]);
    expect(usable(book.price('ETH-USD', NOW))).toBe('111');
    book.ingest([failure(USED, 'chainlink:l2', 'sequencer', NOW + 1000)]);
    const down = book.price('ETH-USD', NOW + 31_000);
    expect([usable(down), codes(down)[0]]).toEqual(['010', 'sequencer:ETH-USD']);
    expect(down.memory!.sequencer).toEqual({ up: false, sinceSeconds: 30 });
    // A chain that cannot be read says nothing about its sequencer.
    book.ingest([failure(USED, 'chainlink:l2', 'chain-unavailable', NOW + 40_000)]);
    expect(book.price('ETH-USD', NOW + 41_000).memory!.sequencer).toEqual({ up: false, sinceSeconds: 40 });
    book.ingest([...onHub(50_000), failure(USED, 'chainlink:l2', 'sequencer-grace', NOW + 50_000)]);
    const grace = book.price('ETH-USD', NOW + 51_000);
    expect([usable(grace), codes(grace)[0]]).toEqual(['010', 'sequencer-grace:ETH-USD']);
    const later = { publishTimeMs: NOW + 3_700_000, blockTimeMs: NOW + 3_700_000 };
    book.ingest([...onHub(3_700_000), quote(USED, 'chainlink:l2', 3000, later)]);
    const over = book.price('ETH-USD', NOW + 3_700_000);
    expect([usable(over), over.memory!.sequencer]).toEqual(['111', null]);
  });
});

describe('an exchange rate in the configuration', () => {
  const rateAnchor = {
    rate: '1.2',
    takenAt: new Date(NOW).toISOString(),
    maxYearlyGrowthBps: 800,
    quoteFeed: 'ETH-USD',
  };
  const WSTETH = feed({ id: 'WSTETH-USD', base: 'WSTETH', class: 'lst', rateAnchor });
  const ask = (ethPrice: number | null, price: number) => {
    const book = new PriceBook([WSTETH, ETH]);
    if (ethPrice !== null) book.ingest(at(ETH, ethPrice));
    book.ingest(at(WSTETH, price));
    return book.price('WSTETH-USD', NOW);
  };

  it('is multiplied by the feed it is in, and never replaces the price', () => {
    const fair = ask(3000, 3601);
    expect(fair.memory!.rateAnchor).toMatchObject({ priceWad: usd(3600), maxYearlyGrowthBps: 800 });
    expect(usable(fair)).toBe('111');
    const above = ask(3000, 3700);
    expect(above.market!.priceWad).toBe(usd(3700));
    expect([usable(above), codes(above)[0]]).toEqual(['000', 'growth-cap:WSTETH-USD']);
    expect(codes(ask(3000, 3500))[0]).toBe('anchor:WSTETH-USD');
  });

  it('that is not known now closes new risk', () => {
    const unknown = ask(null, 3600);
    expect([usable(unknown), unknown.memory!.rateAnchor]).toEqual(['011', null]);
    expect(codes(unknown)).toEqual(['anchor:WSTETH-USD']);
  });

  it('raises an alarm with the figures once, and clears it when the guard let go for the hold', () => {
    const book = new PriceBook([WSTETH, ETH]);
    const heard: AlarmEvent[] = [];
    const leave = book.onAlarm((event) => heard.push(event));
    book.ingest([...at(ETH, 3000), ...at(WSTETH, 3700)]);
    book.price('WSTETH-USD', NOW);
    book.price('WSTETH-USD', NOW + 1000);
    expect(heard).toEqual([
      {
        feedId: 'WSTETH-USD',
        guard: 'growth-cap',
        subject: 'WSTETH-USD',
        message: '277.77 bp above what the rate can have grown to, the limit is 100 bp',
        measure: { value: 277.77, limit: 100, unit: 'bp' },
        state: 'raised',
        atMs: NOW,
      },
    ]);
    expect(book.activeAlarms()).toMatchObject([{ guard: 'growth-cap', raisedAtMs: NOW }]);
    book.ingest(at(WSTETH, 3600, 2000));
    book.price('WSTETH-USD', NOW + 2000);
    book.price('WSTETH-USD', NOW + 60_999);
    expect(heard).toHaveLength(1);
    book.ingest([...at(ETH, 3000, 61_000), ...at(WSTETH, 3600, 61_000)]);
    book.price('WSTETH-USD', NOW + 61_000);
    expect(heard.slice(1)).toMatchObject([{ guard: 'growth-cap', state: 'cleared', atMs: NOW + 61_000 }]);
    expect(book.activeAlarms()).toEqual([]);
    leave();
  });
});

it('the same asset on another chain is compared with its last good price there', () => {
  const there = feed({ id: 'ETHB-USD', base: 'ETHB' });
  const here = feed({ class: 'major', elsewhere: [{ chain: 'base', feed: 'ETHB-USD' }] });
  const book = new PriceBook([here, there]);
  book.ingest([...at(here, 3000), ...at(there, 3100)]);
  expect(usable(book.price('ETH-USD', NOW))).toBe('111');
  book.price('ETHB-USD', NOW);
  const skewed = book.price('ETH-USD', NOW + 1);
  expect([usable(skewed), codes(skewed)]).toEqual(['011', ['chain-skew:ETH-USD']]);
  expect(skewed.memory!.otherChains).toEqual([{ chain: 'base', priceWad: usd(3100), atMs: NOW }]);
});

describe('a restart', () => {
  const stored = () => {
    const book = new PriceBook([ETH]);
    book.ingest(at(ETH, 3000));
    return book.price('ETH-USD', NOW);
  };
  const restarted = (nowMs: number) => {
    const book = new PriceBook([ETH]);
    book.recall([stored()], nowMs);
    book.ingest(at(ETH, 2500, nowMs - NOW));
    return book.price('ETH-USD', nowMs);
  };

  it('does not make a jump look like a first price', () => {
    const jumped = restarted(NOW + 10_000);
    expect([usable(jumped), codes(jumped)]).toEqual(['011', ['jump:ETH-USD']]);
  });

  it('takes nothing over that is more than a day old, and nothing over what it remembers itself', () => {
    expect(usable(restarted(NOW + 86_401_000))).toBe('111');
    const book = new PriceBook([ETH]);
    book.ingest(at(ETH, 2500, 1000));
    book.price('ETH-USD', NOW + 1000);
    book.recall([stored()], NOW + 1000);
    expect(book.price('ETH-USD', NOW + 2000).memory!.ema1hWad).toBe(usd(2500));
  });
});

describe('reference prices', () => {
  const typeAndMessage = (run: () => unknown): string => {
    try {
      run();
      return 'nothing';
    } catch (error) {
      return `${(error as BreakwaterError).type}: ${(error as Error).message}`;
    }
  };

  it('refuse a feed whose bounds or rate are of another scale or direction, by name', () => {
    const inverted = feed({
      id: 'KRW-USD',
      base: 'KRW',
      minPrice: '500',
      maxPrice: '3000',
      referencePrice: '0.00087',
    });
    expect(typeAndMessage(() => new PriceBook([inverted]))).toBe(
      'reference-price: prices contradict their reference:\n  feeds.KRW-USD.referencePrice: 0.00087 is outside of 500 to 3000: one of both is inverted',
    );
    const rateAnchor = {
      rate: '12',
      takenAt: '2026-01-01T00:00:00Z',
      maxYearlyGrowthBps: 800,
      quoteFeed: 'ETH-USD',
    };
    const wrong = feed({ id: 'WSTETH-USD', base: 'WSTETH', referencePrice: '3600', rateAnchor });
    const eth = feed({ referencePrice: '3000' });
    expect(typeAndMessage(() => new PriceBook([eth, wrong]))).toContain(
      'feeds.WSTETH-USD.rateAnchor.rate: 36000 is 10 times the reference price 3600: the scale is off by 10^1',
    );
    expect(
      typeAndMessage(() => new PriceBook([eth, { ...wrong, rateAnchor: { ...rateAnchor, rate: '1.2' } }])),
    ).toBe('nothing');
  });

  it.each([
    [3_000_000, 'the scale is off by 10^3'],
    [0.3, 'the scale is off by 10^-4'],
    [1 / 3000, 'it is inverted'],
  ])('leave a source out whose first price is %d, and name it', (price, why) => {
    const config = feed({ referencePrice: '3000', minPrice: '0.0001', maxPrice: '100000000' });
    const book = new PriceBook([config]);
    book.ingest([
      quote(config, 'pyth:hermes', price),
      quote(config, 'chainlink:hub', 3000),
      quote(config, 'twap:hub', 3001),
    ]);
    const { votes, market } = book.price('ETH-USD', NOW);
    expect(market!.priceWad).toBeGreaterThan(usd(2999));
    expect(votes[0]!.reasons[0]).toMatchObject({ code: 'unit' });
    expect(book.references.mismatches()).toMatchObject([{ field: 'feeds.ETH-USD.sources.pyth:hermes' }]);
    expect(book.references.mismatches()[0]!.message).toContain(why);
    // Right at the next try: it is let in, and from then on a market may move as it likes.
    book.ingest([quote(config, 'pyth:hermes', 3002, { publishTimeMs: NOW + 1 })]);
    expect([book.references.mismatches(), book.references.unchecked()]).toEqual([[], []]);
    book.ingest([quote(config, 'pyth:hermes', 30_000, { publishTimeMs: NOW + 2 })]);
    expect(book.price('ETH-USD', NOW + 2).votes[0]!.reasons[0]).toMatchObject({ code: 'deviation' });
  });
});
