import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../risk/errors.ts';
import type { MarketSnapshot } from '../../../risk/market/market-data.ts';
import { findModule, listModules, ModuleNotFoundError } from '../../../risk/modules/registry.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { account, collateral, loan, MARKETS, NOW, perp, refused, snapshot, withPrice } from '../fixtures.ts';

const nothing: MarketSnapshot = { asOfMs: NOW, prices: new Map(), volatility: new Map() };
const option = { kind: 'option' as const, id: 'o', market: 'ETH-PERP', sizeWad: wad('1'), chain: null };

describe('registry', () => {
  it('lists every module once, in order', () => {
    const names = listModules().map((module) => `${module.id}@${module.version}`);
    expect(names).toEqual([
      'fixed@1.0.0',
      'scenario@1.0.0',
      'scenario@2.0.0',
      'scenario@2.1.0',
      'scenario@2.2.0',
      'standard@1.0.0',
      'standard@1.1.0',
      'standard@1.2.0',
      'tail@1.0.0',
      'tail@1.1.0',
      'tail@1.2.0',
    ]);
  });

  it('has a typed answer for what it does not have', () => {
    expect(() => findModule('scenario', '3.0.0')).toThrow(ModuleNotFoundError);
    expect(() => findModule('__proto__', '1.0.0')).toThrow(ModuleNotFoundError);
  });
});

describe.each(listModules())('module $id $version', (module) => {
  const p = module.defaultParameters;

  it('has parameters that survive JSON, and refuses unknown ones', () => {
    expect(module.parseParameters({})).toEqual(p);
    expect(module.parseParameters(JSON.parse(JSON.stringify(p)))).toEqual(p);
    const schema = JSON.parse(JSON.stringify(module.parametersJsonSchema));
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.additionalProperties).toBe(false);
    for (const input of [
      { surprise: 1 },
      null,
      'x',
      [],
      { warningRatio: Number.NaN },
      { warningRatio: '0.1' },
    ]) {
      expect(() => module.parseParameters(input)).toThrow(InvalidInputError);
    }
  });

  it('is healthy with nothing, and never throws whatever is missing', () => {
    expect(module.calculate(account('0'), MARKETS, nothing, p)).toMatchObject({
      status: 'healthy',
      equityWad: 0n,
    });
    const book = { ...account('1', perp('p', 'BTC-PERP', '1', '60000'), collateral('c', 'ETH', '1')) };
    const odd = {
      ...book,
      positions: [...book.positions, option, collateral('x', 'DOGE', '1'), perp('y', 'ETH-SPOT', '1', '1')],
    };
    const result = module.calculate(odd, MARKETS, nothing, p);
    expect(result.status).toBe('unknown');
    expect(result.failures.map((failure) => failure.positionId).sort()).toEqual(['c', 'o', 'p', 'x', 'y']);
    expect(result.netInitialWad).toBe(wad('1'));
  });

  it('counts a loan as a debt that can grow, everywhere alike', () => {
    const rows = Array.from({ length: 300 }, (_, i) => ({
      tsMs: NOW - (300 - i) * 86_400_000,
      returns: [0.03 * Math.sin(i * i)],
      volatilities: [0.02],
    }));
    const history = { assets: ['ETH'], horizonHours: 24, asOfMs: NOW, rows, stressed: rows };
    const market = { ...snapshot(), history };
    const debt = { accountId: 'a', cashWad: wad('50000'), positions: [loan('l', 'ETH-SPOT', '10')] };
    const result = module.calculate(debt, MARKETS, market, p);
    expect(result.failures).toEqual([]);
    expect(wadToFloat(result.equityWad)).toBe(30000);
    expect(result.initialRequirementWad >= result.maintenanceRequirementWad).toBe(true);
    expect(result.maintenanceRequirementWad > 0n).toBe(module.id !== 'fixed');
    expect(result.sensitivities[0]!.delta).toBe(-10);
    const factor = result.buffers[0];
    const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
    module
      .revaluer(debt, MARKETS, market, p)
      .evaluate(
        Float64Array.of(1),
        Float64Array.of(factor?.initialFactor ?? 1),
        Float64Array.of(factor?.maintenanceFactor ?? 1),
        out,
      );
    expect(out.equity).toBeCloseTo(30000, 8);
    expect(out.initialRequirement).toBeCloseTo(wadToFloat(result.initialRequirementWad), 6);
    expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(result.maintenanceRequirementWad), 6);
    const blind = module.calculate(debt, MARKETS, nothing, p);
    expect(blind.failures[0]!.reason.code).toBe('price-missing');
    expect(blind.status).toBe('unknown');
    const odd = { ...debt, positions: [loan('l', 'ETH-PERP', '10')] };
    expect(module.calculate(odd, MARKETS, market, p).failures[0]!.reason.code).toBe('unknown-market');
  });

  it('never finds an account healthier because a price is refused', () => {
    const book = account('100000', perp('p', 'BTC-PERP', '-1', '60000'), collateral('c', 'ETH', '10'));
    const seen = module.calculate(book, MARKETS, snapshot(), p);
    const blind = module.calculate(book, MARKETS, withPrice(snapshot(), refused('ETH-USD', '2000')), p);
    expect(blind.status).toBe('unknown');
    expect(blind.equityWad <= seen.equityWad).toBe(true);
  });

  it('adds up to the totals and asks only for what the account touches', () => {
    const book = account('5', perp('p', 'SOL-PERP', '-3', '150'), collateral('c', 'USDC', '100'));
    const result = module.calculate(book, MARKETS, snapshot(), p);
    const sum = result.lines.reduce((total, line) => total + line.maintenanceWad, 0n);
    expect(sum).toBe(result.maintenanceRequirementWad);
    const needs = module.requirements(book, MARKETS, p);
    expect(needs.feeds).toEqual(['SOL-USD', 'USDC-USD']);
    expect(needs.volatility.every(({ asset }) => asset === 'SOL')).toBe(true);
  });
});
