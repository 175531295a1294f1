import { describe, expect, it } from 'vitest';
import { sortPositions } from '../../../risk/batch/books.ts';
import { explainAccount } from '../../../risk/batch/explain.ts';
import { gridPlan } from '../../../risk/batch/grid-plan.ts';
import { marginAccounts, marginChanged } from '../../../risk/batch/margin.ts';
import { priceBatch } from '../../../risk/batch/price-batch.ts';
import { batchOf, chain, columns, grid, LINEAR_PRICES, OPTIONS, terms } from './fixtures.ts';

describe('batch', () => {
  it('margins a perp by hand: the worst of the grid is 15 % down', () => {
    const batch = batchOf(
      [
        { account: 0, instrument: OPTIONS, size: 3 },
        { account: 1, instrument: OPTIONS, size: -3 },
      ],
      3,
    );
    priceBatch(batch, terms, chain(), LINEAR_PRICES);
    marginAccounts(batch, 0, 3);
    // doubling dampened by 0.12 is less than 15 % up
    expect(batch.arrays.loss[0]).toBeCloseTo(-0.15 * 6000, 9);
    expect(batch.arrays.loss[1]).toBeCloseTo(-0.15 * 6000, 9);
    expect([...batch.arrays.value]).toEqual([0, 0, 0]);
    expect(batch.arrays.loss[2]).toBeCloseTo(0, 15);
    const worst = grid.scenarios[explainAccount(batch, 0).worstIndex!];
    expect(worst!.spot).toBe(0.85);
  });

  it('adds up what is held twice', () => {
    const sorted = sortPositions(
      columns([
        { account: 1, instrument: 4, size: 1 },
        { account: 0, instrument: 7, size: 2 },
        { account: 1, instrument: 4, size: -3 },
        { account: 1, instrument: 2, size: 5 },
      ]),
      2,
      8,
    );
    expect(sorted.count).toBe(3);
    expect([...sorted.account.subarray(0, 3)]).toEqual([0, 1, 1]);
    expect([...sorted.instrument.subarray(0, 3)]).toEqual([7, 2, 4]);
    expect([...sorted.size.subarray(0, 3)]).toEqual([2, 5, -2]);
  });

  it('gives no loss, rather than a wrong one, to who holds something without a price', () => {
    const batch = batchOf(
      [
        { account: 0, instrument: 15, size: 1 },
        { account: 1, instrument: 16, size: 1 },
        { account: 2, instrument: OPTIONS + 1, size: 1 },
        { account: 3, instrument: 25, size: -1 },
      ],
      4,
    );
    const market = chain();
    const without = (volatility: number) =>
      market.map((expiry, e) => ({
        ...expiry,
        legs: expiry.legs.map((leg, i) => (e === 1 && i === 5 ? { ...leg, volatility } : leg)),
      }));
    priceBatch(batch, terms, without(Number.NaN), [2000, Number.NaN]);
    marginAccounts(batch, 0, 4);
    expect([...batch.arrays.loss].map(Number.isNaN)).toEqual([true, false, true, false]);
    expect(explainAccount(batch, 0).loss).toBeNaN();
    expect(explainAccount(batch, 2).loss).toBeNaN();
    // a rate that cannot be: the whole expiry has no price
    priceBatch(
      batch,
      terms,
      market.map((expiry, e) => (e === 2 ? { ...expiry, rate: Number.NaN } : expiry)),
      LINEAR_PRICES,
    );
    marginAccounts(batch, 0, 4);
    expect([...batch.arrays.loss].map(Number.isNaN)).toEqual([false, false, false, true]);
    priceBatch(batch, terms, market, LINEAR_PRICES);
    marginAccounts(batch, 0, 4);
    expect([...batch.arrays.loss].every(Number.isFinite)).toBe(true);
  });

  it('gives none either when one scenario of many cannot be priced, wherever it stands', () => {
    const { rule } = terms;
    const none = { spot: 0.9, volatility: 'none' as const, dampening: 1 };
    for (let place = 0; place < 9; place++) {
      const scenarios = Array.from({ length: 9 }, (_, i) =>
        i === place ? { ...none, volatility: 'down' as const } : none,
      );
      const bad = { scenarios, rule: { ...rule, volShock: { ...rule.volShock, down: Number.NaN } } };
      const batch = batchOf(
        [
          { account: 0, instrument: 15, size: 1 },
          { account: 1, instrument: OPTIONS, size: 1 },
        ],
        2,
        bad,
      );
      priceBatch(batch, bad, chain(), LINEAR_PRICES);
      marginAccounts(batch, 0, 2);
      expect(batch.arrays.loss[0]).toBeNaN();
      expect(batch.arrays.loss[1]).toBeCloseTo(-200, 9);
    }
  });

  it('marks what a tick changed, and nothing when nothing did', () => {
    const batch = batchOf([{ account: 0, instrument: 0, size: 1 }], 1);
    expect(priceBatch(batch, terms, chain(), LINEAR_PRICES)).toBe(OPTIONS + 2);
    expect(priceBatch(batch, terms, chain(), LINEAR_PRICES)).toBe(0);
    expect(priceBatch(batch, terms, chain(), [2000, 1991])).toBe(1);
    expect(batch.changed[OPTIONS + 1]).toBe(1);
    expect(priceBatch(batch, terms, chain(2000, 0.06), [2000, 1991])).toBe(OPTIONS);
    const wider = { ...terms, scenarios: terms.scenarios.map((s) => ({ ...s, dampening: 0.9 })) };
    expect(priceBatch(batch, wider, chain(2000, 0.06), [2000, 1991])).toBe(OPTIONS + 2);
  });

  it('margins again the holders of what changed and nobody else', () => {
    const holders = [0, 1, 4, 5, 6, 9];
    const batch = batchOf(
      Array.from({ length: 10 }, (_, account) => ({
        account,
        instrument: holders.includes(account) ? OPTIONS : OPTIONS + 1,
        size: 1,
      })),
      10,
    );
    priceBatch(batch, terms, chain(), LINEAR_PRICES);
    marginAccounts(batch, 0, 10);
    priceBatch(batch, terms, chain(), [1000, 1990]);
    batch.arrays.loss.fill(7);
    expect(marginChanged(batch)).toBe(holders.length);
    const expected = Array.from({ length: 10 }, (_, account) => (holders.includes(account) ? -150 : 7));
    batch.arrays.loss.forEach((loss, account) => {
      expect(loss).toBeCloseTo(expected[account]!, 9);
    });
  });

  it('refuses positions, chains and shocks that are not of its shape, by name', () => {
    const wrong = (over: object) => () => batchOf([{ account: 0, instrument: 0, size: 1, ...over }], 1);
    expect(wrong({ account: 1 })).toThrow('positions[0].account: must be 0 to 0');
    expect(wrong({ account: -1 })).toThrow('positions[0].account');
    expect(wrong({ instrument: OPTIONS + 2 })).toThrow('positions[0].instrument');
    expect(wrong({ size: Number.NaN })).toThrow('positions[0].size');
    expect(wrong({ size: 1e31 })).toThrow('positions[0].size');
    const batch = batchOf([], 1);
    expect(() => priceBatch(batch, terms, chain().slice(1), LINEAR_PRICES)).toThrow('chain: must have 4');
    expect(() => priceBatch(batch, terms, chain(), [1])).toThrow('linearPrices: must be 2');
    const short = chain().map((expiry, e) => (e === 3 ? { ...expiry, legs: [] } : expiry));
    expect(() => priceBatch(batch, terms, short, LINEAR_PRICES)).toThrow('chain[3].legs: must be 10');
    const fewer = { ...terms, scenarios: terms.scenarios.slice(1) };
    expect(() => priceBatch(batch, fewer, chain(), LINEAR_PRICES)).toThrow('scenarios: must be the kinds');
    const bad = { ...terms, scenarios: terms.scenarios.map((s) => ({ ...s, spot: Number.NaN })) };
    expect(() => priceBatch(batch, bad, chain(), LINEAR_PRICES)).toThrow('shock must be finite');
  });

  it('lays skews beside the marks and the rest in blocks of eight', () => {
    const plan = gridPlan(grid.scenarios);
    expect(plan.markBlocks).toBe(1);
    expect(plan.blocks).toBe(5);
    expect([...plan.scenarioOf.slice(0, 10)]).toEqual([-1, -1, -1, 25, 26, -1, -1, -1, 0, 1]);
    expect([...plan.scenarioOf].filter((s) => s >= 0).sort((a, b) => a - b)).toEqual(
      grid.scenarios.map((_, i) => i),
    );
  });
});
