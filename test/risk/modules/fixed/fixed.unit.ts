import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../../risk/errors.ts';
import { fixedModule, lendingHealth } from '../../../../risk/modules/fixed/module.ts';
import type { AnyPortfolio } from '../../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal as wad, wadToDecimal, wadToFloat } from '../../../../risk/units/wad.ts';
import { account, collateral, MARKETS, perp, snapshot } from '../../fixtures.ts';

const margin = (portfolio: AnyPortfolio) =>
  fixedModule.calculate(portfolio, MARKETS, snapshot(), fixedModule.defaultParameters);

describe('fixed module', () => {
  it('margins every perp by itself: a hedge costs twice', () => {
    const result = margin(
      account('0', perp('a', 'BTC-PERP', '1', '60000'), perp('b', 'BTC-PERP', '-1', '60000')),
    );
    expect(wadToDecimal(result.initialRequirementWad)).toBe('12000');
    expect(wadToDecimal(result.maintenanceRequirementWad)).toBe('6000');
  });

  it('is a loan against collateral when cash is negative', () => {
    const loan = (debt: string) => margin(account(debt, collateral('c', 'ETH', '10')));
    // value 20,000: 14,000 may be borrowed, at 15,000 it is liquidated
    expect(loan('-12000').status).toBe('healthy');
    expect(loan('-13500').status).toBe('warned');
    expect(loan('-14500').status).toBe('margin-call');
    expect(loan('-15500').status).toBe('liquidatable');
    expect(loan('-20001').status).toBe('insolvent');
    expect(wadToDecimal(loan('-15000').netMaintenanceWad)).toBe('0');
    expect(lendingHealth([{ value: 20000, liquidationThreshold: 0.75 }], 15000)).toBe(1);
    expect(lendingHealth([], 0)).toBeNull();
  });

  it('fails options instead of leaving them out', () => {
    const option = { kind: 'option' as const, id: 'o', market: 'x', sizeWad: wad('1'), chain: null };
    const result = margin({ accountId: 'a', cashWad: 0n, positions: [option] });
    expect(result.status).toBe('unknown');
    expect(result.failures[0]!.reason.code).toBe('unsupported-position');
  });

  it('needs no forecast, agrees with its revaluation, and checks its parameters', () => {
    const book = account('500', perp('a', 'BTC-PERP', '-0.3', '61000'), collateral('c', 'ETH', '2'));
    expect(fixedModule.requirements(book, MARKETS, fixedModule.defaultParameters).volatility).toEqual([]);
    const exact = margin(book);
    const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
    const ones = Float64Array.of(1, 1);
    fixedModule
      .revaluer(book, MARKETS, snapshot(), fixedModule.defaultParameters)
      .evaluate(ones, ones, ones, out);
    expect(out.equity).toBeCloseTo(wadToFloat(exact.equityWad), 8);
    expect(out.initialRequirement).toBeCloseTo(wadToFloat(exact.initialRequirementWad), 8);
    expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(exact.maintenanceRequirementWad), 8);
    expect(() => fixedModule.parseParameters({ loanToValue: 0.9 })).toThrow(InvalidInputError);
    expect(() => fixedModule.parseParameters({ initial: 0.01 })).toThrow(
      /^initial: must not be below maintenance/,
    );
  });
});
