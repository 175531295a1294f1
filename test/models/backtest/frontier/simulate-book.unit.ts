import { describe, expect, it } from 'vitest';
import { drawBook, HOLDING_HOURS, type LeveredAccount } from '../../../../models/backtest/frontier/book.ts';
import { compareAt, frontierPoints } from '../../../../models/backtest/frontier/frontier.ts';
import type { HourlyPaths, MarginPath } from '../../../../models/backtest/frontier/margin-paths.ts';
import { LIQUIDATION_COST, simulateBook } from '../../../../models/backtest/frontier/simulate-book.ts';

const FROM = Date.UTC(2020, 2, 12);

/** A path of closes; high and low are the close unless given. */
function pathsOf(closes: readonly number[], lows: Readonly<Record<number, number>> = {}): HourlyPaths {
  const close = Float64Array.from(closes);
  const low = close.map((c, row) => lows[row] ?? c);
  return { fromMs: FROM, rows: close.length, close, high: close.slice(), low, margins: [] };
}

function marginOf(initial: readonly number[], lagged = initial): MarginPath {
  const side = { initial: Float64Array.from(initial), lagged: Float64Array.from(lagged) };
  return { name: 'm', kind: 'dynamic', sides: { long: side, short: side } };
}

const long: LeveredAccount = { side: 'long', openRow: 0, capital: 0.1 };
const flat = (n: number, value: number) => new Array<number>(n).fill(value);

describe('the simulated book', () => {
  it('leaves an account alone while its equity is at or above maintenance', () => {
    // Margin 10 %, maintenance 8 % of the notional then: 0.02 + (0.98 - 1) = 0 ... at 0.98 equity 0.08 >= 0.0784.
    const result = simulateBook([long], pathsOf([100, 98, 100]), marginOf(flat(3, 0.1)), 1);
    expect(result).toMatchObject({ liquidated: 0, unnecessary: 0, badDebt: 0, capital: 0.1 });
  });

  it('liquidates below maintenance at the worst price of the next hour, less the cost; the rest is bad debt', () => {
    // At 97 equity is 0.07 < 0.0776; the next hour falls to 85: equity 0.1 - 0.15 - 0.005 * 0.85.
    const result = simulateBook([long], pathsOf([100, 97, 90, 90], { 2: 85 }), marginOf(flat(4, 0.1)), 1);
    expect(result).toMatchObject({ liquidated: 1, unnecessary: 0 });
    expect(result.badDebt).toBeCloseTo(0.05 + LIQUIDATION_COST * 0.85, 12);
    expect([...result.badDebtByRow.keys()]).toEqual([1]);
  });

  it('calls it unnecessary when the price is back at the last good check before equity would have been gone', () => {
    const back = pathsOf([100, 97, 96, 100], { 2: 91 });
    expect(simulateBook([long], back, marginOf(flat(4, 0.1)), 1)).toMatchObject({
      unnecessary: 1,
      badDebt: 0,
    });
    const gone = pathsOf([100, 97, 96, 100], { 2: 89.9 });
    expect(simulateBook([long], gone, marginOf(flat(4, 0.1)), 1).unnecessary).toBe(0);
    const late = pathsOf([100, 97, ...flat(24, 96), 100]);
    expect(simulateBook([long], late, marginOf(flat(27, 0.1)), 1).unnecessary).toBe(0);
  });

  it('mirrors a short', () => {
    const short: LeveredAccount = { ...long, side: 'short' };
    const up = { ...pathsOf([100, 103, 110, 110]), high: Float64Array.of(100, 103, 115, 110) };
    const result = simulateBook([short], up, marginOf(flat(4, 0.1)), 1);
    expect(result.liquidated).toBe(1);
    expect(result.badDebt).toBeCloseTo(0.05 + LIQUIDATION_COST * 1.15, 12);
  });

  it('asks the initial margin at opening where it is more than the own capital, times the level', () => {
    expect(simulateBook([long], pathsOf([100, 100]), marginOf([0.3, 0.3]), 1).capital).toBeCloseTo(0.3, 12);
    expect(simulateBook([long], pathsOf([100, 100]), marginOf([0.3, 0.3]), 0.5).capital).toBeCloseTo(
      0.15,
      12,
    );
  });

  it('a margin that rises liquidates by itself; one whose maintenance lags does not', () => {
    const prices = pathsOf(flat(4, 100));
    const rising = [0.1, 0.1, 0.2, 0.2];
    expect(simulateBook([long], prices, marginOf(rising), 1)).toMatchObject({
      liquidated: 1,
      unnecessary: 1,
    });
    expect(simulateBook([long], prices, marginOf(rising, flat(4, 0.1)), 1).liquidated).toBe(0);
  });

  it('checks nothing in a missing hour, keeps the last margin, and opens at the next price', () => {
    const prices = pathsOf([Number.NaN, 100, Number.NaN, 97, 95]);
    const result = simulateBook([long], prices, marginOf([0.1, 0.1, 0.1, Number.NaN, 0.1]), 1);
    expect(result.liquidated).toBe(1);
    expect(simulateBook([long], pathsOf([Number.NaN, Number.NaN]), marginOf([0.1, 0.1]), 1).capital).toBe(0);
  });

  it('closes an account after its holding time', () => {
    const prices = pathsOf([...flat(HOLDING_HOURS + 1, 100), 50, 50]);
    expect(simulateBook([long], prices, marginOf(flat(HOLDING_HOURS + 3, 0.1)), 1).liquidated).toBe(0);
  });
});

describe('the frontier', () => {
  it('books the bad debt of a crash under its day', () => {
    const prices = { ...pathsOf([100, 97, 80, 80]), margins: [marginOf(flat(4, 0.1))] };
    const points = frontierPoints('BTC', prices, [long]);
    const one = points.find((point) => point.level === 1)!;
    expect(one.crashes['2020-03-12']).toBeCloseTo(0.1 + LIQUIDATION_COST * 0.8, 12);
    expect(one.crashes['2022-11']).toBe(0);
    expect(one.badDebt).toBe(one.crashes['2020-03-12']);
  });

  it('has no figure where a curve does not reach', () => {
    const prices = { ...pathsOf(flat(4, 100)), margins: [marginOf(flat(4, 0.1))] };
    expect(compareAt(frontierPoints('BTC', prices, [long]), 0.1)).toBeNull();
  });
});

describe('the drawn book', () => {
  it('is the same for a seed, and within its bounds', () => {
    const book = drawBook(4000, 1000, 7);
    expect(drawBook(4000, 1000, 7)).toEqual(book);
    expect(drawBook(4000, 1000, 8)).not.toEqual(book);
    const leverage = book.map((one) => 1 / one.capital);
    expect(Math.min(...leverage)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...leverage)).toBeLessThan(20);
    expect(Math.max(...book.map((one) => one.openRow))).toBe(1000 - HOLDING_HOURS - 1);
    // Half of them below the geometric mean of the bounds, half of them long.
    const share = (holds: (one: LeveredAccount) => boolean) => book.filter(holds).length / book.length;
    expect(Math.abs(share((one) => 1 / one.capital < Math.sqrt(40)) - 0.5)).toBeLessThan(0.03);
    expect(Math.abs(share((one) => one.side === 'long') - 0.5)).toBeLessThan(0.03);
  });

  it('refuses no accounts and too short a range', () => {
    expect(() => drawBook(0, 1000, 1)).toThrow('accounts');
    expect(() => drawBook(1, HOLDING_HOURS, 1)).toThrow('range');
  });
});
