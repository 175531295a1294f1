import { describe, expect, it } from 'vitest';
import {
  freeCollateral,
  incrementalMargin,
  largestCashWithdrawal,
  largestCollateralWithdrawal,
  largestOrder,
} from '../../../risk/capacity/capacity.ts';
import { scenarioModuleV2 } from '../../../risk/modules/scenario/module.ts';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { account, collateral, MARKETS, perp, price, refused, snapshot, withPrice } from '../fixtures.ts';

const ask = (portfolio: AnyPortfolio, market = snapshot()) => ({
  module: standardModule,
  parameters: standardModule.parseParameters({ buffered: false }),
  portfolio,
  markets: MARKETS,
  market,
});

describe('capacity', () => {
  it('finds the largest order on each side', () => {
    const book = account('5850', perp('p', 'BTC-PERP', '0.5', '60000'));
    // 3900 per BTC: 1.5 BTC in all
    expect(wadToFloat(largestOrder(ask(book), 'BTC-PERP', 'buy'))).toBeCloseTo(1, 5);
    expect(wadToFloat(largestOrder(ask(book), 'BTC-PERP', 'sell'))).toBeCloseTo(2, 5);
    const market = withPrice(snapshot(), refused('ETH-USD', '2000'));
    expect(largestOrder(ask(book, market), 'ETH-PERP', 'buy')).toBe(0n);
    expect(() => largestOrder(ask(book), 'ETH-SPOT', 'buy')).toThrow(/^market/);
  });

  it('lets an account below initial margin reduce up to flat, and no more', () => {
    const called = account('3000', perp('p', 'BTC-PERP', '1', '60000'), perp('q', 'ETH-PERP', '-3', '2000'));
    // initial 3900 + 390: 1290 short
    expect(largestOrder(ask(called), 'BTC-PERP', 'sell')).toBe(wad('1'));
    expect(largestOrder(ask(called), 'ETH-PERP', 'buy')).toBe(wad('3'));
    expect(largestOrder(ask(called), 'BTC-PERP', 'buy')).toBe(0n);
    expect(largestOrder(ask(called), 'ETH-PERP', 'sell')).toBe(0n);
    expect(largestOrder(ask(called), 'SOL-PERP', 'buy')).toBe(0n);
    const broke = account('-100', perp('p', 'BTC-PERP', '1', '60000'));
    expect(largestOrder(ask(broke), 'BTC-PERP', 'sell')).toBe(wad('1'));
  });

  it('lets a hedge of the delta go to an account below initial margin where the module nets', () => {
    // value 20000, debt 15000, haircuts and worst loss 3000 each: 1000 short of initial margin
    const called = {
      ...ask(account('-15000', collateral('c', 'ETH', '10'))),
      module: scenarioModuleV2,
      parameters: scenarioModuleV2.parseParameters({ buffered: false }),
    };
    const now = called.module.calculate(called.portfolio, MARKETS, called.market, called.parameters);
    expect(now.status).toBe('margin-call');
    const hedge = largestOrder(called, 'ETH-PERP', 'sell');
    expect(hedge).toBe(wad('10'));
    expect(largestOrder(called, 'ETH-PERP', 'buy')).toBe(0n);
  });

  it('only reduces at a price that may not open new risk', () => {
    const fine = { usable: true, reasons: [] };
    const notOpen = price('BTC-USD', '60000', {
      verdicts: { open: { usable: false, reasons: [] }, margin: fine, liquidate: fine },
    });
    const market = withPrice(snapshot(), notOpen);
    const book = account('9000', perp('p', 'BTC-PERP', '0.5', '60000'));
    expect(largestOrder(ask(book, market), 'BTC-PERP', 'sell')).toBe(wad('0.5'));
    expect(largestOrder(ask(book, market), 'BTC-PERP', 'buy')).toBe(0n);
    const called = account('100', perp('p', 'BTC-PERP', '0.5', '60000'));
    expect(largestOrder(ask(called, market), 'BTC-PERP', 'sell')).toBe(wad('0.5'));
  });

  it('finds the largest withdrawals, and none from an account that is called or unknown', () => {
    const book = account('1000', perp('p', 'BTC-PERP', '0.1', '60000'), collateral('c', 'ETH', '1'));
    // requirement 390 + 300; equity 3000
    expect(wadToFloat(largestCashWithdrawal(ask(book)))).toBeCloseTo(1000, 5);
    const lean = account('500', perp('p', 'BTC-PERP', '0.1', '60000'));
    expect(wadToFloat(largestCashWithdrawal(ask(lean)))).toBeCloseTo(110, 3);
    // 1000 + 0.85 x 2000 a >= 390 always: all of it may go
    expect(largestCollateralWithdrawal(ask(book), 'c')).toBe(wad('1'));
    expect(largestCashWithdrawal(ask(account('10', perp('p', 'BTC-PERP', '1', '60000'))))).toBe(0n);
    const blind = withPrice(snapshot(), refused('ETH-USD', '2000'));
    expect(largestCashWithdrawal(ask(book, blind))).toBe(0n);
    expect(() => largestCollateralWithdrawal(ask(book), 'p')).toThrow(/^positionId/);
  });

  it('measures a change and what is free', () => {
    const book = account('1000', perp('p', 'BTC-PERP', '0.1', '60000'));
    const more = { ...book, positions: [...book.positions, perp('q', 'BTC-PERP', '-0.1', '60000')] };
    const change = incrementalMargin(ask(book), more);
    expect(wadToFloat(change.initialWad)).toBe(-390);
    expect(wadToFloat(change.maintenanceWad)).toBe(-300);
    expect(wadToFloat(freeCollateral(change.before))).toBe(610);
  });
});
