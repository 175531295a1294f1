import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { standardModule } from '../../../../risk/modules/standard/module.ts';
import type { Portfolio, Position } from '../../../../risk/portfolio/portfolio.ts';
import { wadToFloat } from '../../../../risk/units/wad.ts';
import { MARKETS, NOW, price, refused, snapshot, withPrice } from '../../fixtures.ts';

const amount = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const positive = fc.bigInt({ min: 1n, max: 10n ** 24n });
const asset = fc.constantFrom('BTC', 'ETH', 'SOL');
const position: fc.Arbitrary<Position> = fc.oneof(
  fc.record({
    kind: fc.constant('perp' as const),
    id: fc.uuid(),
    market: asset.map((symbol) => `${symbol}-PERP`),
    sizeWad: amount,
    entryPriceWad: positive,
    unsettledFundingWad: amount,
    chain: fc.constantFrom(null, 'hub', 'l2'),
  }),
  fc.record({
    kind: fc.constant('collateral' as const),
    id: fc.uuid(),
    asset: fc.constantFrom('BTC', 'ETH', 'USDC'),
    amountWad: positive,
    chain: fc.constant(null),
  }),
);
const book: fc.Arbitrary<Portfolio> = fc.record({
  accountId: fc.constant('a'),
  cashWad: amount,
  positions: fc.uniqueArray(position, { maxLength: 8, selector: (each) => each.id }),
});
const market = withPrice(
  snapshot(),
  price('ETH-USD', '2000.123456789012345678', { confidenceScore: 0.123 }),
  price('SOL-USD', '149.99999999999999999'.slice(0, 20)),
);
const p = standardModule.parseParameters({ depeg: { feedId: 'USDC-USD' } });
const margin = (portfolio: Portfolio, at = market) => standardModule.calculate(portfolio, MARKETS, at, p);

describe('standard module, any book', () => {
  it('adds up: totals are the sum of the lines, nets are equity minus requirement, MM never above IM', () => {
    fc.assert(
      fc.property(book, (portfolio) => {
        const result = margin(portfolio);
        const sum = (pick: (line: (typeof result.lines)[number]) => bigint) =>
          result.lines.reduce((total, each) => total + pick(each), 0n);
        expect(sum((each) => each.equityWad)).toBe(result.equityWad);
        expect(sum((each) => each.initialWad)).toBe(result.initialRequirementWad);
        expect(sum((each) => each.maintenanceWad)).toBe(result.maintenanceRequirementWad);
        expect(result.netInitialWad).toBe(result.equityWad - result.initialRequirementWad);
        expect(result.netMaintenanceWad).toBe(result.equityWad - result.maintenanceRequirementWad);
        expect(result.maintenanceRequirementWad >= 0n).toBe(true);
        expect(result.initialRequirementWad >= result.maintenanceRequirementWad).toBe(true);
      }),
    );
  });

  it('does not depend on the order of positions', () => {
    fc.assert(
      fc.property(book, (portfolio) => {
        const turned = { ...portfolio, positions: [...portfolio.positions].reverse() };
        expect(margin(turned)).toEqual(margin(portfolio));
      }),
    );
  });

  it('is subadditive: MM and IM of A and B together never exceed those apart', () => {
    fc.assert(
      fc.property(book, book, (a, b) => {
        const renamed = b.positions.map((each) => ({ ...each, id: `b${each.id}` }));
        const both = margin({
          ...a,
          cashWad: a.cashWad + b.cashWad,
          positions: [...a.positions, ...renamed],
        });
        const [one, two] = [margin(a), margin(b)];
        expect(both.maintenanceRequirementWad).toBeLessThanOrEqual(
          one.maintenanceRequirementWad + two.maintenanceRequirementWad,
        );
        expect(both.initialRequirementWad).toBeLessThanOrEqual(
          one.initialRequirementWad + two.initialRequirementWad,
        );
      }),
    );
  });

  it('scales with the book, up to the rounding of each line', () => {
    fc.assert(
      fc.property(book, fc.bigInt({ min: 2n, max: 50n }), (portfolio, k) => {
        const scaled = {
          ...portfolio,
          cashWad: portfolio.cashWad * k,
          positions: portfolio.positions.map((each) =>
            each.kind === 'perp'
              ? { ...each, sizeWad: each.sizeWad * k, unsettledFundingWad: each.unsettledFundingWad * k }
              : { ...each, amountWad: each.amountWad * k },
          ),
        };
        const [one, many] = [margin(portfolio), margin(scaled)];
        const slack = k * BigInt(one.lines.length * 2);
        for (const key of ['equityWad', 'initialRequirementWad', 'maintenanceRequirementWad'] as const) {
          const gap = many[key] - one[key] * k;
          expect(gap <= slack && gap >= -slack).toBe(true);
        }
      }),
    );
  });

  it('rounds against the account: equity never above, requirements never below the exact figure', () => {
    fc.assert(
      fc.property(amount, positive, (sizeWad, entryPriceWad) => {
        const perp = {
          kind: 'perp' as const,
          id: 'p',
          market: 'SOL-PERP',
          sizeWad,
          entryPriceWad,
          unsettledFundingWad: 0n,
          chain: null,
        };
        const off = standardModule.parseParameters({ buffer: { policy: 'none', cap: 1 } });
        const result = standardModule.calculate(
          { accountId: 'a', cashWad: 0n, positions: [perp] },
          MARKETS,
          market,
          off,
        );
        const priceWad = market.prices.get('SOL-USD')!.priceWad;
        const size = sizeWad < 0n ? -sizeWad : sizeWad;
        expect(result.equityWad * 10n ** 18n <= sizeWad * (priceWad - entryPriceWad)).toBe(true);
        expect(result.maintenanceRequirementWad * 10n ** 20n >= size * priceWad * 5n).toBe(true);
        expect((result.maintenanceRequirementWad - 1n) * 10n ** 20n < size * priceWad * 5n).toBe(true);
      }),
    );
  });

  it('gives a failed collateral no credit, and never healthy', () => {
    fc.assert(
      fc.property(book, (portfolio) => {
        const blind = margin(portfolio, withPrice(market, refused('BTC-USD', '60000')));
        const collateralOnly = {
          ...portfolio,
          positions: portfolio.positions.filter((each) => each.kind === 'collateral'),
        };
        const [seen, unseen] = [
          margin(collateralOnly),
          margin(collateralOnly, withPrice(market, refused('BTC-USD', '60000'))),
        ];
        expect(unseen.netInitialWad <= seen.netInitialWad).toBe(true);
        expect(unseen.netMaintenanceWad <= seen.netMaintenanceWad).toBe(true);
        expect(blind.failures.length > 0 ? blind.status : 'unknown').toBe('unknown');
      }),
    );
  });

  it('agrees with its float revaluation at the prices of the snapshot', () => {
    fc.assert(
      fc.property(book, (portfolio) => {
        const exact = margin(portfolio);
        const revaluer = standardModule.revaluer(portfolio, MARKETS, market, p);
        const factor = (key: 'initialFactor' | 'maintenanceFactor') =>
          Float64Array.from(
            revaluer.assets.map((symbol) => exact.buffers.find((view) => view.asset === symbol)?.[key] ?? 1),
          );
        const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
        const ones = new Float64Array(revaluer.assets.length).fill(1);
        revaluer.evaluate(ones, factor('initialFactor'), factor('maintenanceFactor'), out);
        const size = exact.lines.reduce((sum, each) => sum + Math.abs(wadToFloat(each.equityWad)), 1);
        const gross = portfolio.positions.reduce(
          (sum, each) =>
            sum +
            (each.kind === 'perp'
              ? Math.abs(wadToFloat(each.sizeWad)) * (wadToFloat(each.entryPriceWad) + 6e4)
              : 0),
          size,
        );
        expect(Math.abs(out.equity - wadToFloat(exact.equityWad))).toBeLessThan(gross * 1e-13);
        expect(Math.abs(out.initialRequirement - wadToFloat(exact.initialRequirementWad))).toBeLessThan(
          gross * 1e-13,
        );
        expect(
          Math.abs(out.maintenanceRequirement - wadToFloat(exact.maintenanceRequirementWad)),
        ).toBeLessThan(gross * 1e-13);
      }),
    );
  });

  it('gives the same answer for the same snapshot', () => {
    fc.assert(
      fc.property(book, (portfolio) => {
        expect(margin(portfolio, { ...market, asOfMs: NOW })).toEqual(margin(portfolio));
      }),
    );
  });
});
