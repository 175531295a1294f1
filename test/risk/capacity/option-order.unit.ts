import { describe, expect, it } from 'vitest';
import { largestOptionOrder, optionMark } from '../../../risk/capacity/option-order.ts';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { AnyPosition } from '../../../risk/portfolio/portfolio.ts';
import { blackPrice } from '../../../risk/pricing/black76.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { NOW } from '../fixtures.ts';
import { book, EXPIRY, markets, option, withData } from '../modules/instrument-fixtures.ts';

const ask = (cash: string, ...positions: AnyPosition[]) => ({
  module: standardModule,
  parameters: standardModule.parseParameters({ buffered: false }),
  portfolio: book(cash, ...positions),
  markets,
  market: withData(),
});
const tau = (EXPIRY - NOW) / 31_536_000_000;
const premium = blackPrice(61_500, 65_000, tau, 0.6, 1, true);

describe('largest order of an option', () => {
  it('pays its premium and no more than cash when bought', () => {
    expect(wadToFloat(optionMark(ask('0'), 'BTC-C-quote')!)).toBeCloseTo(premium, 8);
    // coin-settled: price / forward coins at the index of 60000
    expect(wadToFloat(optionMark(ask('0'), 'BTC-C-coin')!)).toBeCloseTo((premium * 60_000) / 61_500, 8);
    const bought = wadToFloat(largestOptionOrder(ask('10000'), 'BTC-C-quote', 'buy'));
    expect(bought * premium).toBeCloseTo(10_000, 1);
  });

  it('is the initial margin of the short beyond its premium when sold', () => {
    // 15 % of spot less 5000 out of the money, at least 10 %: 6000 per call; the premium comes in and is owed
    const sold = wadToFloat(largestOptionOrder(ask('12000'), 'BTC-C-quote', 'sell'));
    expect(sold).toBeCloseTo(2, 4);
  });

  it('below initial margin closes what is held against the order and opens nothing', () => {
    const called = ask('7000', option('o', 'BTC-C-quote', '-2'));
    expect(largestOptionOrder(called, 'BTC-C-quote', 'buy')).toBe(wad('2'));
    expect(largestOptionOrder(called, 'BTC-C-quote', 'sell')).toBe(0n);
    expect(() => largestOptionOrder(called, 'BTC-PERP', 'buy')).toThrow(/^market/);
  });
});
