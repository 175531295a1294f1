import { describe, expect, it } from 'vitest';
import type { MarketLiquidity } from '../../../../risk/market/liquidity.ts';
import type { MarketSnapshot } from '../../../../risk/market/market-data.ts';
import { concentrationRate } from '../../../../risk/modules/addons/charges.ts';
import { addOnsSchema } from '../../../../risk/modules/addons/parameters.ts';
import type { MarginResult } from '../../../../risk/modules/module.ts';
import { bucketGridMargin } from '../../../../risk/modules/scenario/bucket-grid.ts';
import { scenarioModuleV2, scenarioModuleV21 } from '../../../../risk/modules/scenario/module.ts';
import { standardModule, standardModuleV11 } from '../../../../risk/modules/standard/module.ts';
import { tailModule, tailModuleV11 } from '../../../../risk/modules/tail/module.ts';
import type { AnyPortfolio } from '../../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../../risk/units/wad.ts';
import { collateral, loan, NOW, perp, price, withPrice } from '../../fixtures.ts';
import { book, EXPIRY, future, markets, option, withData } from '../instrument-fixtures.ts';

const zero = {
  liquidity: { weight: 0 },
  concentration: { slope: 0 },
  basis: { annualisedMove: 0, minimumMove: 0 },
};
const only = (over: object) =>
  standardModuleV11.parseParameters({ buffered: false, addOns: { ...zero, ...over } });
const sum = (result: MarginResult, term: string) =>
  wadToFloat(result.lines.reduce((total, each) => total + (each.term === term ? each.initialWad : 0n), 0n));
const data = (over: Partial<MarketLiquidity> = {}): MarketSnapshot => ({
  ...withData(),
  liquidity: new Map([
    [
      'BTC-PERP',
      {
        asOfMs: NOW,
        openInterestWad: wad('100'),
        dailyVolume: 30_000_000,
        depth: {
          bids: [
            { priceWad: wad('59940'), sizeWad: wad('1') },
            { priceWad: wad('59700'), sizeWad: wad('3') },
          ],
          asks: [{ priceWad: wad('60300'), sizeWad: wad('10') }],
        },
        ...over,
      },
    ],
  ]),
});

describe('add-ons of the standard module', () => {
  const run = (over: object, portfolio: AnyPortfolio, market = data()) =>
    standardModuleV11.calculate(portfolio, markets, market, only(over));
  const long = book('0', perp('p', 'BTC-PERP', '4', '60000'));

  it('charges longs the bids and shorts the asks', () => {
    const weight = { liquidity: { weight: 1 } };
    expect(sum(run(weight, long), 'liquidity')).toBeCloseTo(60 + 3 * 300, 8);
    const short = book('0', perp('p', 'BTC-PERP', '-4', '60000'));
    expect(sum(run(weight, short), 'liquidity')).toBeCloseTo(4 * 300, 8);
    const hedged = book('0', perp('p', 'BTC-PERP', '4', '60000'), perp('q', 'BTC-PERP', '-4', '60000'));
    expect(sum(run(weight, hedged), 'liquidity')).toBe(0);
  });

  it('takes the parameters where data are missing or stale, and says the latter', () => {
    const weight = { liquidity: { weight: 1 } };
    const expected = 240_000 * (0.0005 + 0.1 * Math.sqrt(240_000 / 200e6));
    for (const market of [withData(), data({ depth: null }), data({ depth: { bids: [], asks: [] } })])
      expect(sum(run(weight, long, market), 'liquidity')).toBeCloseTo(expected, 8);
    for (const asOfMs of [NOW - 3_600_001, NOW + 1]) {
      const stale = run(weight, long, data({ asOfMs }));
      expect(sum(stale, 'liquidity')).toBeCloseTo(expected, 8);
      expect(stale.reasons.map(({ code }) => code)).toEqual(['liquidity-data-stale']);
    }
  });

  it('charges what is large for daily volume or open interest', () => {
    const c = { volumeShare: 0.1, interestShare: 0.05, slope: 0.02, largestRate: 0.3, dailyVolume: 1 };
    expect(concentrationRate(9, 100, null, c)).toBe(0);
    expect(concentrationRate(25, 100, null, c)).toBeCloseTo(0.03, 12);
    expect(concentrationRate(25, 100, 100, c)).toBeCloseTo(0.08, 12);
    expect(concentrationRate(1e9, 100, 100, c)).toBe(0.3);
    const over = { concentration: { slope: 0.02 } };
    // 15 of 100 BTC of open interest: three times the free share
    const large = book('0', perp('p', 'BTC-PERP', '15', '60000'));
    expect(sum(run(over, large), 'concentration')).toBeCloseTo(900_000 * 0.04, 6);
    // without open interest: 0.9 of 30 million is below a tenth
    expect(sum(run(over, large, data({ openInterestWad: null })), 'concentration')).toBe(0);
    const odd = data({ openInterestWad: -1n, dailyVolume: Number.NaN });
    expect(sum(run(over, large, odd), 'concentration')).toBe(0);
  });

  it('charges basis by expiry like the roll shock of the venue', () => {
    const over = { basis: { annualisedMove: 0.075, minimumMove: 0.01 } };
    const positions = [
      perp('p', 'BTC-INV-OWN', '18000', '60300'),
      future('f', 'BTC-F-COIN', '-123000', '61500'),
      future('g', 'BTC-F', '0.5', '61500'),
    ];
    const result = run(over, book('0', ...positions));
    const p = {
      priceRange: 0.16,
      buckets: 4,
      volatilityScenarios: 1,
      pnlOffset: 0,
      extendedDampener: 1e5,
      annualisedMove: 0.075,
      minimumMove: 0.01,
      maintenanceFactor: 0.8,
    };
    const tau = (EXPIRY - NOW) / 31_536_000_000;
    const venue = bucketGridMargin(
      [
        { id: 'p', size: 18_000 / 60_300, tau: null },
        { id: 'f', size: -123_000 / 61_500, tau },
        { id: 'g', size: (0.5 * 61_500) / 60_000, tau },
      ],
      60_000,
      p,
    );
    expect(sum(result, 'basis')).toBeCloseTo(venue.rollShock * 60_000, 8);
    expect(sum(run(over, book('0', perp('p', 'BTC-PERP', '3', '60000'))), 'basis')).toBe(0);
  });

  it('never takes more of collateral than its value', () => {
    const p = standardModuleV11.parseParameters({
      buffered: false,
      addOns: { ...zero, liquidity: { weight: 1 }, assets: { SOL: { impact: 10, depth: 1 } } },
      assets: { SOL: { collateral: { initialHaircut: 0.8, maintenanceHaircut: 0.7 } } },
    });
    const held = book('0', collateral('c', 'SOL', '1000'), loan('l', 'SOL-SPOT', '10'));
    const result = standardModuleV11.calculate(held, markets, withData(), p);
    const own = (id: string) =>
      result.lines
        .filter((each) => each.positionId === id)
        .reduce((total, each) => total + each.equityWad - each.initialWad, 0n);
    expect(own('c')).toBe(0n);
    const charged = result.lines.find((each) => each.positionId === 'l' && each.term === 'liquidity')!;
    expect(wadToFloat(charged.initialWad)).toBeCloseTo(1500 * 0.5, 8);
  });

  it('adds up with every line named, and scales by k where nothing is a threshold', () => {
    const given = book(
      '500000',
      perp('p', 'BTC-PERP', '15', '60000'),
      perp('q', 'ETH-PERP', '-40', '2000'),
      future('f', 'BTC-F', '-3', '61000'),
      option('o', 'BTC-C-coin', '-2'),
      collateral('c', 'ETH', '30'),
      loan('l', 'SOL-SPOT', '5'),
    );
    const p = standardModuleV11.parseParameters({ buffered: false });
    const result = standardModuleV11.calculate(given, markets, data(), p);
    expect(result.failures).toEqual([]);
    const without = standardModule.calculate(
      given,
      markets,
      data(),
      standardModule.parseParameters({ buffered: false }),
    );
    const added = ['liquidity', 'concentration', 'basis'].map((term) => sum(result, term));
    expect(Math.min(...added)).toBeGreaterThan(0);
    const difference = wadToFloat(result.initialRequirementWad - without.initialRequirementWad);
    expect(difference).toBeCloseTo(
      added.reduce((a, b) => a + b, 0),
      9,
    );
    expect(result.lines.reduce((total, each) => total + each.initialWad, 0n)).toBe(
      result.initialRequirementWad,
    );
  });
});

describe('versions with everything switched off', () => {
  const stable = withPrice(
    data(),
    price('BTC-USD', '60000', { confidenceScore: 0.3 }),
    price('USDC-USD', '0.95'),
  );
  const given = book(
    '1000',
    perp('p', 'BTC-PERP', '2', '61000'),
    perp('q', 'ETH-PERP', '-40', '2000'),
    future('f', 'BTC-F', '-1', '61000'),
    option('o', 'BTC-C-quote', '-2'),
    collateral('c', 'ETH', '30'),
  );
  it('standard 1.1.0 answers like 1.0.0', () => {
    const plain = standardModule.parseParameters({});
    const result = standardModuleV11.calculate(given, markets, stable, { ...only({}), ...plain });
    expect(result).toEqual(standardModule.calculate(given, markets, stable, plain));
  });

  it('scenario 2.1.0 answers like 2.0.0, with the depeg charge apart', () => {
    const own = { stableFeedId: 'USDC-USD' };
    const off = scenarioModuleV21.parseParameters({ ...own, addOns: zero, offset: { classes: [] } });
    const after = scenarioModuleV21.calculate(given, markets, stable, off);
    const before = scenarioModuleV2.calculate(given, markets, stable, scenarioModuleV2.parseParameters(own));
    expect(after.maintenanceRequirementWad).toBe(before.maintenanceRequirementWad);
    expect(wadToFloat(after.initialRequirementWad)).toBeCloseTo(wadToFloat(before.initialRequirementWad), 8);
    expect(sum(after, 'depeg')).toBeGreaterThan(0);
    const slope = (result: MarginResult) => result.sensitivities.map(({ initialSlope }) => initialSlope);
    slope(after).forEach((each, i) => {
      expect(each).toBeCloseTo(slope(before)[i]!, 8);
    });
  });

  it('tail 1.1.0 answers like 1.0.0, and charges a depeg on net notional and short options', () => {
    const p = (over: object) => tailModuleV11.parseParameters({ addOns: zero, ...over });
    const plain = tailModule.calculate(given, markets, stable, tailModule.parseParameters({}));
    expect(tailModuleV11.calculate(given, markets, stable, p({}))).toEqual(plain);
    const depeg = tailModuleV11.calculate(given, markets, stable, p({ depeg: { feedId: 'USDC-USD' } }));
    // (0.98 - 0.95) x 1.2 on 2 BTC, 40 ETH, a future at 61500 and two short calls on 60000
    expect(sum(depeg, 'depeg')).toBeCloseTo(0.036 * (120_000 + 80_000 + 61_500 + 120_000), 6);
    const basis = tailModuleV11.calculate(given, markets, stable, tailModuleV11.defaultParameters);
    expect(sum(basis, 'basis')).toBeCloseTo(61_500 * 0.015, 6);
    expect(sum(basis, 'liquidity')).toBeCloseTo(sum(plain, 'liquidity'), 9);
    const blind = tailModuleV11.calculate(given, markets, data(), p({ depeg: { feedId: 'NO-USD' } }));
    expect(blind.status).toBe('unknown');
    expect(blind.reasons.map(({ code }) => code)).toContain('price-missing');
  });

  it('refuses parameters that cannot be', () => {
    expect(() => addOnsSchema.parse({ liquidity: { weight: -1 } })).toThrow();
    expect(() =>
      scenarioModuleV21.parseParameters({
        offset: {
          classes: [
            { name: 'a', assets: ['BTC', 'ETH'], credit: 0.5 },
            { name: 'b', assets: ['ETH', 'SOL'], credit: 0.5 },
          ],
        },
      }),
    ).toThrow(/^offset\.classes\[1\]\.assets\[0\]/);
    for (const credit of [-0.1, 1.1, Number.NaN])
      expect(() =>
        scenarioModuleV21.parseParameters({
          offset: { classes: [{ name: 'a', assets: ['BTC', 'ETH'], credit }] },
        }),
      ).toThrow(/^offset\.classes\[0\]\.credit/);
  });
});
