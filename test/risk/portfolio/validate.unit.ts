import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../risk/errors.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { validatePortfolio } from '../../../risk/portfolio/validate.ts';
import { account, collateral, loan, MARKETS, perp } from '../fixtures.ts';

function fieldsOf(portfolio: AnyPortfolio): string[] {
  try {
    validatePortfolio(portfolio, MARKETS);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInputError);
    return (error as InvalidInputError).issues.map((issue) => issue.field);
  }
  return [];
}

describe('validatePortfolio', () => {
  it('accepts a sound book', () => {
    expect(
      fieldsOf(account('-5', perp('p', 'BTC-PERP', '-1', '60000'), collateral('c', 'ETH', '1'))),
    ).toEqual([]);
  });

  it.each([
    ['positions[1].id', account('0', perp('p', 'BTC-PERP', '1', '1'), collateral('p', 'ETH', '1'))],
    ['positions[0].market', account('0', perp('p', 'DOGE-PERP', '1', '1'))],
    ['positions[0].market', account('0', perp('p', 'ETH-SPOT', '1', '1'))],
    ['positions[0].size', account('0', perp('p', 'BTC-PERP', '0', '1'))],
    ['positions[0].size', account('0', perp('p', 'BTC-PERP', '1', '1', { sizeWad: 10n ** 49n }))],
    ['positions[0].entryPrice', account('0', perp('p', 'BTC-PERP', '1', '-1'))],
    [
      'positions[0].unsettledFunding',
      account('0', perp('p', 'BTC-PERP', '1', '1', { unsettledFundingWad: -(10n ** 49n) })),
    ],
    ['positions[0].asset', account('0', collateral('c', 'DOGE', '1'))],
    ['positions[0].asset', account('0', collateral('c', '__proto__', '1'))],
    ['positions[0].amount', account('0', collateral('c', 'ETH', '-1'))],
    ['positions[0].amount', account('0', collateral('c', 'ETH', '0'))],
    ['positions[0].id', account('0', collateral('', 'ETH', '1'))],
    ['positions[0].market', { ...account('0'), positions: [loan('l', 'ETH-PERP', '1')] }],
    ['positions[0].market', { ...account('0'), positions: [loan('l', 'nowhere', '1')] }],
    ['positions[0].amount', { ...account('0'), positions: [loan('l', 'ETH-SPOT', '-1')] }],
    ['cash', { ...account('0'), cashWad: 10n ** 49n }],
  ])('names %s', (field, portfolio) => {
    expect(fieldsOf(portfolio)).toEqual([field]);
  });

  it('names all faults at once', () => {
    expect(fieldsOf(account('0', perp('p', 'X-PERP', '0', '1'), collateral('c', 'ETH', '-1')))).toEqual([
      'positions[0].market',
      'positions[0].size',
      'positions[1].amount',
    ]);
  });
});
