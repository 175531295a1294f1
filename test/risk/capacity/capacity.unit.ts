import { describe, expect, it } from 'vitest';
import {
  freeCollateral,
  incrementalMargin,
  largestCashWithdrawal,
  largestCollateralWithdrawal,
  largestOrder,
} from '../../../risk/capacity/capacity.ts';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { account, collateral, MARKETS, perp, refused, snapshot, withPrice } from '../fixtures.ts';

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
