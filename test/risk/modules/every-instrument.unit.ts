import { describe, expect, it } from 'vitest';
import type { MarketSnapshot } from '../../../risk/market/market-data.ts';
import type { MarginResult } from '../../../risk/modules/module.ts';
import { type AnyRiskModule, listModules } from '../../../risk/modules/registry.ts';
import { correlatedCrash } from '../../../risk/stress/scenarios.ts';
import { shockedMarket } from '../../../risk/stress/shock.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { collateral, NOW, perp } from '../fixtures.ts';
import { book, future, markets, option, withData } from './instrument-fixtures.ts';

describe.each(listModules())('module $id $version with every instrument', (module: AnyRiskModule) => {
  const p = module.defaultParameters;
  const level = (at: string, size: string) => ({ priceWad: wad(at), sizeWad: wad(size) });
  const depth = (size: string) => ({
    bids: [level('61400', size), level('60000', size)],
    asks: [level('61600', size), level('63000', size)],
  });
  const market: MarketSnapshot = {
    ...withData(),
    liquidity: new Map(
      [['BTC-F', depth('0.3'), wad('4')] as const, ['BTC-F-COIN', depth('9000'), wad('100000')] as const].map(
        ([id, book_, openInterestWad]) => [
          id,
          { asOfMs: NOW, openInterestWad, dailyVolume: null, depth: book_ },
        ],
      ),
    ),
  };
  const linear = [
    perp('p1', 'BTC-INV', '90000', '55000', { unsettledFundingWad: wad('0.002') }),
    perp('p2', 'BTC-INV-OWN', '-30000', '62000'),
    future('f1', 'BTC-F', '-0.7', '61000'),
    future('f2', 'BTC-F-COIN', '20000', '64000'),
    future('f3', 'BTC-F-OWN', '0.4', '61000'),
    collateral('c', 'ETH', '3'),
  ];
  const options =
    module.id === 'fixed' ? [] : [option('o1', 'BTC-C-coin', '-1'), option('o2', 'BTC-C-quote', '0.5')];
  const given = book('40000', ...linear, ...options);

  it('adds up, whatever the order, and revalues as it calculates', () => {
    const result = module.calculate(given, markets, market, p);
    expect(result.failures).toEqual([]);
    for (const [line, total] of [
      ['equityWad', 'equityWad'],
      ['initialWad', 'initialRequirementWad'],
      ['maintenanceWad', 'maintenanceRequirementWad'],
    ] as const)
      expect(result.lines.reduce((sum, each) => sum + each[line], 0n)).toBe(result[total]);
    const turned = { ...given, positions: [...given.positions].reverse() };
    expect(module.calculate(turned, markets, market, p)).toEqual(result);
    const revaluer = module.revaluer(given, markets, market, p);
    const factors = (key: 'initialFactor' | 'maintenanceFactor') =>
      Float64Array.from(
        revaluer.assets,
        (asset) => result.buffers.find((each) => each.asset === asset)?.[key] ?? 1,
      );
    const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
    const agree = (scale: number, expected: MarginResult) => {
      const scales = Float64Array.from(revaluer.assets, () => scale);
      revaluer.evaluate(scales, factors('initialFactor'), factors('maintenanceFactor'), out);
      expect(out.equity).toBeCloseTo(wadToFloat(expected.equityWad), 5);
      expect(out.initialRequirement).toBeCloseTo(wadToFloat(expected.initialRequirementWad), 5);
      expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(expected.maintenanceRequirementWad), 5);
    };
    agree(1, result);
    const crash = { ...correlatedCrash(-0.3), volatility: 1 };
    agree(0.7, module.calculate(given, markets, shockedMarket(market, markets, crash), p));
  });

  it('has the delta that equity moves by', () => {
    const at = (move: number) =>
      module.calculate(
        given,
        markets,
        shockedMarket(market, markets, { ...correlatedCrash(move), moves: { ETH: 0 }, volatility: 1 }),
        p,
      );
    const slope = (wadToFloat(at(1e-4).equityWad) - wadToFloat(at(-1e-4).equityWad)) / (2e-4 * 60_000);
    const delta = at(0).sensitivities.reduce((sum, each) => sum + (each.asset === 'BTC' ? each.delta : 0), 0);
    expect(delta).toBeCloseTo(slope, 5);
  });
});
