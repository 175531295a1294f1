import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarginResult } from '../../../risk/modules/module.ts';
import { type AnyRiskModule, listModules } from '../../../risk/modules/registry.ts';
import type { AnyPosition } from '../../../risk/portfolio/portfolio.ts';
import { wadToFloat } from '../../../risk/units/wad.ts';
import { collateral, loan, perp } from '../fixtures.ts';
import { book, future, markets, option, withData } from './instrument-fixtures.ts';

const market = withData();
const size = fc.integer({ min: -40, max: 40 }).filter((n) => n !== 0);
const amount = fc.integer({ min: 1, max: 40 });
type Make = (id: string) => AnyPosition;
const linear: fc.Arbitrary<Make> = fc.oneof(
  fc.tuple(fc.constantFrom('BTC-PERP', 'ETH-PERP'), size).map(
    ([name, n]): Make =>
      (id) =>
        perp(id, name, `${n / 8}`, name === 'BTC-PERP' ? '59000' : '2100'),
  ),
  fc.tuple(fc.constantFrom('BTC-INV', 'BTC-INV-OWN'), size).map(
    ([name, n]): Make =>
      (id) =>
        perp(id, name, `${n * 2000}`, '59000'),
  ),
  fc.tuple(fc.constantFrom('BTC-F', 'BTC-F-OWN'), size).map(
    ([name, n]): Make =>
      (id) =>
        future(id, name, `${n / 8}`, '61000'),
  ),
  size.map(
    (n): Make =>
      (id) =>
        future(id, 'BTC-F-COIN', `${n * 2000}`, '61000'),
  ),
  fc.tuple(fc.constantFrom('BTC', 'ETH', 'USDC'), amount).map(
    ([asset, n]): Make =>
      (id) =>
        collateral(id, asset, `${n / 4}`),
  ),
  amount.map(
    (n): Make =>
      (id) =>
        loan(id, 'ETH-SPOT', `${n / 4}`),
  ),
);
const options: fc.Arbitrary<Make> = fc.tuple(fc.constantFrom('BTC-C-quote', 'BTC-C-coin'), size).map(
  ([name, n]): Make =>
    (id) =>
      option(id, name, `${n / 8}`),
);
const anything = fc.oneof({ arbitrary: linear, weight: 3 }, { arbitrary: options, weight: 1 });
const named = (prefix: string, makes: readonly Make[]) => makes.map((make, i) => make(`${prefix}${i}`));

/** Charges that grow faster than the position, or begin at a size: two accounts together may owe more of them. */
const STEEP = new Set(['liquidity', 'concentration']);
const requirement = (result: MarginResult, key: 'initialWad' | 'maintenanceWad') =>
  wadToFloat(result.lines.reduce((sum, each) => sum + (STEEP.has(each.term) ? 0n : each[key]), 0n));
const termsOf = (result: MarginResult, term: string, key: 'initialWad' | 'maintenanceWad') =>
  wadToFloat(result.lines.reduce((sum, each) => sum + (each.term === term ? each[key] : 0n), 0n));

describe.each(listModules())('module $id $version, any book', (module: AnyRiskModule) => {
  const p = module.defaultParameters;
  const ask = (positions: readonly AnyPosition[]) =>
    module.calculate(book('1000', ...positions), markets, market, p);
  const runs = { numRuns: module.id === 'tail' ? 15 : 60 };
  const some = module.id === 'fixed' ? linear : anything;

  it('does not depend on order, adds up, and never needs less than nothing', () => {
    fc.assert(
      fc.property(fc.array(some, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 8 }), (makes, keys) => {
        const positions = named('p', makes);
        const result = ask(positions);
        expect(result.failures).toEqual([]);
        const shuffled = positions
          .map((position, i) => ({ position, key: keys[i % (keys.length || 1)] ?? 0 }))
          .sort((a, b) => a.key - b.key || (a.position.id < b.position.id ? 1 : -1))
          .map(({ position }) => position);
        expect(ask(shuffled)).toEqual(result);
        for (const [line, total] of [
          ['equityWad', result.equityWad],
          ['initialWad', result.initialRequirementWad],
          ['maintenanceWad', result.maintenanceRequirementWad],
        ] as const)
          expect(result.lines.reduce((sum, each) => sum + each[line], 0n)).toBe(total);
        expect(wadToFloat(result.maintenanceRequirementWad)).toBeGreaterThanOrEqual(-1e-9);
        expect(wadToFloat(result.initialRequirementWad - result.maintenanceRequirementWad)).toBeGreaterThan(
          -1e-9,
        );
      }),
      runs,
    );
  });

  // the rule of `standard` picks one of two figures for a whole expiry of options: docs/modules/standard.md
  const parts = module.id === 'standard' ? linear : some;
  it('needs no more for two books together than apart, but for charges on size', () => {
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 5 }), fc.array(parts, { maxLength: 5 }), (a, b) => {
        const [one, two] = [named('a', a), named('b', b)];
        const [first, second, both] = [ask(one), ask(two), ask([...one, ...two])];
        for (const key of ['initialWad', 'maintenanceWad'] as const) {
          const apart = requirement(first, key) + requirement(second, key);
          expect(requirement(both, key)).toBeLessThanOrEqual(apart + 1e-7 + 1e-12 * apart);
        }
      }),
      runs,
    );
  });

  it('scales losses with the book, and gives no more offset than its credit', () => {
    fc.assert(
      fc.property(fc.array(some, { maxLength: 5 }), fc.integer({ min: 2, max: 9 }), (makes, k) => {
        const positions = named('p', makes);
        const scaled = positions.map((position): AnyPosition => {
          const n = BigInt(k);
          if (position.kind === 'collateral' || position.kind === 'loan')
            return { ...position, amountWad: position.amountWad * n };
          if (position.kind === 'perp')
            return {
              ...position,
              sizeWad: position.sizeWad * n,
              unsettledFundingWad: position.unsettledFundingWad * n,
            };
          return { ...position, sizeWad: position.sizeWad * n };
        });
        const [before, after] = [ask(positions), ask(scaled)];
        for (const key of ['initialWad', 'maintenanceWad'] as const) {
          const expected = k * requirement(before, key);
          expect(Math.abs(requirement(after, key) - expected)).toBeLessThan(1e-7 + 1e-9 * Math.abs(expected));
          const loss = termsOf(before, 'scenario-loss', key);
          const offset = termsOf(before, 'correlation-offset', key);
          expect(offset).toBeLessThanOrEqual(1e-9);
          expect(offset).toBeGreaterThanOrEqual(-0.3 * loss - 1e-9);
        }
      }),
      runs,
    );
  });
});
