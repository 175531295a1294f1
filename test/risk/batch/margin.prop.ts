import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBatch } from '../../../risk/batch/batch.ts';
import { explainAccount } from '../../../risk/batch/explain.ts';
import { marginAccounts, marginChanged } from '../../../risk/batch/margin.ts';
import { priceBatch } from '../../../risk/batch/price-batch.ts';
import type { GridTerms } from '../../../risk/batch/price-grid.ts';
import { referenceLoss } from '../../../risk/batch/reference.ts';
import { scenarioLosses, worstLoss } from '../../../risk/modules/scenario/losses.ts';
import { scenarioV1Schema, scenarioV2Schema } from '../../../risk/modules/scenario/parameters.ts';
import { bufferedTerms, termsV1, termsV2 } from '../../../risk/modules/scenario/terms.ts';
import { batchOf, bookOf, chain, grossOf, type Held, LINEAR_PRICES, OPTIONS, terms } from './fixtures.ts';

const ACCOUNTS = 12;
const heldArbitrary = fc.array(
  fc.record({
    account: fc.integer({ min: 0, max: ACCOUNTS - 1 }),
    instrument: fc.integer({ min: 0, max: OPTIONS + LINEAR_PRICES.length - 1 }),
    size: fc.integer({ min: -400, max: 400 }).map((eighths) => eighths / 8),
  }),
  { maxLength: 60 },
);
const skewed = termsV2(
  scenarioV2Schema.parse({
    scenarios: [
      ...Array.from({ length: 7 }, (_, i) => ({
        spot: 0.7 + 0.1 * i,
        volatility: i % 2 === 0 ? 'linear-skew' : 'absolute-skew',
        dampening: 0.5 + 0.1 * i,
      })),
      { spot: 0.8, volatility: 'down' },
    ],
    // discounts of both signs in an unusual order
    margin: { staticDiscountLong: 1.2, staticDiscountShort: 0.7 },
  }),
  1,
);
const forwards = termsV2(scenarioV2Schema.parse({ forwardLoss: { add: 5, multiple: 3 } }), 1);
const cases: [string, GridTerms][] = [
  ['version 2', terms],
  ['version 2 with a buffer', bufferedTerms(terms, 1.7)],
  ['version 1', termsV1(scenarioV1Schema.parse({}), 1)],
  ['a heavy forward loss', forwards],
  ['skews alone and discounts turned round', skewed],
];

describe.each(cases)('batch margin, %s', (_, at) => {
  it('is the reference and the scenario module, account by account', () => {
    fc.assert(
      fc.property(
        heldArbitrary,
        fc.double({ min: 900, max: 4000, noNaN: true }),
        fc.constantFrom(-0.02, 0, 0.05),
        (held, forward, rate) => {
          const market = chain(forward, rate);
          const batch = batchOf(held, ACCOUNTS, at);
          priceBatch(batch, at, market, LINEAR_PRICES);
          marginAccounts(batch, 0, ACCOUNTS);
          for (let account = 0; account < ACCOUNTS; account++) {
            const { book, linear } = bookOf(held, account, market);
            const exact = scenarioLosses(linear, book, at.scenarios, at.rule);
            const worst = worstLoss(exact);
            const tolerance = 1e-12 * grossOf(held, account) * (forward / 1000);
            const { loss, value } = batch.arrays;
            const reference = referenceLoss(book, linear, at);
            expect(Math.abs(reference.loss - loss[account]!)).toBeLessThanOrEqual(tolerance);
            expect(Math.abs(reference.value - value[account]!)).toBeLessThanOrEqual(tolerance);
            expect(Math.abs(worst.loss - loss[account]!)).toBeLessThanOrEqual(tolerance);
            expect(Math.abs(exact.optionValue - value[account]!)).toBeLessThanOrEqual(tolerance);
            const explained = explainAccount(batch, account);
            expect(Math.abs(explained.loss - loss[account]!)).toBeLessThanOrEqual(tolerance);
            expect(Math.abs(explained.forwardLoss - exact.forwardLoss)).toBeLessThanOrEqual(tolerance);
            exact.pnl.forEach((pnl, s) => {
              expect(Math.abs(explained.pnl[s]! - pnl)).toBeLessThanOrEqual(tolerance);
            });
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('batch margin', () => {
  it('does not depend on the order of positions', () => {
    fc.assert(
      fc.property(heldArbitrary, (held) => {
        const once = [...new Map(held.map((each) => [`${each.account}/${each.instrument}`, each])).values()];
        const [one, other] = [once, [...once].reverse()].map((given) => {
          const batch = batchOf(given, ACCOUNTS);
          priceBatch(batch, terms, chain(), LINEAR_PRICES);
          marginAccounts(batch, 0, ACCOUNTS);
          return [...batch.arrays.loss];
        });
        expect(one).toEqual(other);
      }),
      { numRuns: 20 },
    );
  });

  it('recomputes after a change exactly what a full run would, and only the holders', () => {
    fc.assert(
      fc.property(heldArbitrary, fc.integer({ min: 10, max: OPTIONS - 1 }), (held, option) => {
        // the first expiry is left out: minutes before it, volatility no longer moves most prices
        const batch = batchOf(held, ACCOUNTS);
        priceBatch(batch, terms, chain(), LINEAR_PRICES);
        marginAccounts(batch, 0, ACCOUNTS);
        batch.arrays.loss.forEach((_, a) => {
          if (!held.some((each) => each.account === a && each.instrument === option))
            batch.arrays.loss[a] = -a - 1;
        });
        const market = chain();
        let left = option;
        const moved = market.map((expiry) => ({
          ...expiry,
          legs: expiry.legs.map((leg) => (left-- === 0 ? { ...leg, volatility: leg.volatility + 0.1 } : leg)),
        }));
        expect(priceBatch(batch, terms, moved, LINEAR_PRICES)).toBe(1);
        const holders = new Set(held.filter((each) => each.instrument === option).map((e) => e.account));
        expect(marginChanged(batch)).toBe(holders.size);
        const full = batchOf(held, ACCOUNTS);
        priceBatch(full, terms, moved, LINEAR_PRICES);
        marginAccounts(full, 0, ACCOUNTS);
        for (let a = 0; a < ACCOUNTS; a++) {
          expect(batch.arrays.loss[a]).toBe(holders.has(a) ? full.arrays.loss[a] : -a - 1);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('gives another view of the memory the same bits, in any cut of the accounts', () => {
    fc.assert(
      fc.property(heldArbitrary, fc.integer({ min: 0, max: ACCOUNTS }), (held, cut) => {
        const batch = batchOf(held, ACCOUNTS);
        priceBatch(batch, terms, chain(), LINEAR_PRICES);
        marginAccounts(batch, 0, ACCOUNTS);
        const once = [...batch.arrays.loss];
        batch.arrays.loss.fill(1);
        const thread = openBatch(batch.handle);
        marginAccounts(thread, cut, ACCOUNTS);
        marginAccounts(batch, 0, cut);
        expect([...thread.arrays.loss]).toEqual(once);
      }),
      { numRuns: 20 },
    );
  });

  it('scales with the book', () => {
    fc.assert(
      fc.property(heldArbitrary, (held: Held[]) => {
        const lossOf = (k: number) => {
          const batch = batchOf(
            held.map((each) => ({ ...each, size: each.size * k })),
            ACCOUNTS,
          );
          priceBatch(batch, terms, chain(), LINEAR_PRICES);
          marginAccounts(batch, 0, ACCOUNTS);
          return [...batch.arrays.loss];
        };
        expect(lossOf(4)).toEqual(lossOf(1).map((loss) => 4 * loss));
      }),
      { numRuns: 10 },
    );
  });
});
