import fc from 'fast-check';
import { expect, it } from 'vitest';
import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import type { SourceReport } from '../../../oracles/quotes/quote.ts';
import { chainlink, failure, feed, NOW, pyth, quote, twap } from '../support/feeds.ts';

const inUsdc = { quoteAsset: 'USDC', quoteFeed: 'USDC-USD', maxLegSkewSeconds: 40 } as const;
const ETH = feed({ sources: [pyth(), chainlink(), twap(inUsdc)] });
const USDC = feed({
  id: 'USDC-USD',
  base: 'USDC',
  minPrice: '0.5',
  maxPrice: '1.5',
  sources: [pyth({ maxAgeSeconds: 600 }), chainlink({ maxAgeSeconds: 90_000 })],
});
const SOURCES = ['pyth:hermes', 'chainlink:hub', 'twap:hub'] as const;

/** One thing that happens: a source speaks or fails, the leg moves or is lost, or time passes. */
const step = fc.record({
  source: fc.nat({ max: 2 }),
  kind: fc.constantFrom('quote', 'same', 'failure', 'leg', 'leg', 'lost leg', 'nothing'),
  price: fc.constantFrom(2990, 3000, 3000.5, 3010, 3400, -1),
  leg: fc.constantFrom(1, 1, 0.999, 1.49),
  ageMs: fc.constantFrom(0, 1000, 35_000, 55_000),
  // Sources become stale, and a quote may come from later than now.
  passMs: fc.constantFrom(0, 0, 400, 30_000, -20_000),
});

/** Feed and reports as objects that nothing was worked out for yet. */
function fromScratch(reports: readonly SourceReport[], leg: RobustPrice | null, nowMs: number): RobustPrice {
  const quotePrices = new Map(leg === null ? [] : [['USDC-USD', leg] as const]);
  return evaluateFeed(structuredClone(ETH), structuredClone(reports), nowMs, { quotePrices });
}

it('what is kept of an evaluation does not show in the next one', () => {
  const changed = { leg: 0, refused: 0, usable: 0 };
  fc.assert(
    fc.property(fc.array(step, { minLength: 3, maxLength: 25 }), (steps) => {
      const latest = SOURCES.map((id): SourceReport => quote(ETH, id, 3000));
      let leg: RobustPrice | null = null;
      let nowMs = NOW;
      for (const { source, kind, price, leg: legPrice, ageMs, passMs } of steps) {
        nowMs += passMs;
        const id = SOURCES[source]!;
        const publishTimeMs = nowMs - ageMs;
        if (kind === 'quote') latest[source] = quote(ETH, id, price, { publishTimeMs });
        if (kind === 'same') latest[source] = structuredClone(latest[source]!);
        if (kind === 'failure') latest[source] = failure(ETH, id, 'read-failed');
        if (kind === 'lost leg') leg = null;
        if (kind === 'leg') {
          const over = { publishTimeMs };
          const reports = ['pyth:hermes', 'chainlink:hub'].map((from) => quote(USDC, from, legPrice, over));
          leg = evaluateFeed(USDC, reports, nowMs);
          changed.leg += 1;
        }
        const quotePrices = new Map(leg === null ? [] : [['USDC-USD', leg] as const]);
        const found = evaluateFeed(ETH, latest, nowMs, { quotePrices });
        expect(found).toEqual(fromScratch(latest, leg, nowMs));
        changed[found.verdicts.open.usable ? 'usable' : 'refused'] += 1;
      }
    }),
    { numRuns: 200 },
  );
  for (const count of Object.values(changed)) expect(count).toBeGreaterThan(50);
});

it('the book gives an evaluation the latest report of every source, in whatever order they first spoke', () => {
  const alone = feed({ sources: [pyth(), chainlink(), twap()] });
  const said = fc.record({ source: fc.nat({ max: 2 }), price: fc.constantFrom(2999, 3000, 3001) });
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 12 }), (all) => {
      const book = new PriceBook([alone]);
      const latest = new Map<string, SourceReport>();
      all.forEach(({ source, price }, index) => {
        const id = SOURCES[source]!;
        const report = quote(alone, id, price, { publishTimeMs: NOW + index, blockNumber: BigInt(index) });
        latest.set(id, report);
        book.ingest([report]);
        const reports = SOURCES.flatMap((each) => latest.get(each) ?? []);
        expect(book.price(alone.id, NOW + index)).toEqual(evaluateFeed(alone, reports, NOW + index));
      });
    }),
    { numRuns: 60 },
  );
});
