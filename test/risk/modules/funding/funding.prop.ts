import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FundingRate } from '../../../../risk/market/venue-terms.ts';
import type { MarginResult } from '../../../../risk/modules/module.ts';
import type { AnyPosition } from '../../../../risk/portfolio/portfolio.ts';
import { NOW, perp } from '../../fixtures.ts';
import { book, future, markets } from '../instrument-fixtures.ts';
import { funded, HOUR, pair, rate, VERSIONS } from './fixtures.ts';

const told: fc.Arbitrary<FundingRate> = fc
  .record({
    ratePerHour: fc.double({ min: -0.05, max: 0.05, noNaN: true }),
    age: fc.integer({ min: 0, max: 600_000 }),
    settled: fc.option(fc.integer({ min: 0, max: 30 * HOUR })),
    next: fc.option(fc.integer({ min: -2 * HOUR, max: 30 * HOUR })),
  })
  .map(({ ratePerHour, age, settled, next }) =>
    rate({
      ratePerHour,
      asOfMs: NOW - age,
      settledAtMs: settled === null ? null : NOW - age - settled,
      nextAtMs: next === null ? null : NOW + next,
    }),
  );
const size = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }).filter((n) => n !== 0);
const sizes = fc.array(size, { minLength: 1, maxLength: 4 });
const held = (ns: readonly number[], name = 'BTC-PERP'): AnyPosition[] =>
  ns.map((n, i) =>
    perp(`p${i}`, name, (n / 10 ** 8).toFixed(8), '59000', i % 2 === 0 ? {} : { chain: `l${i}` }),
  );
const accrued = ({ lines }: MarginResult) =>
  lines.reduce((sum, each) => sum + (each.term === 'funding-accrued' ? each.equityWad : 0n), 0n);

describe.each(VERSIONS)('funding in %s %s, any rate', (...names) => {
  const [module, former] = pair(names);
  const runs = { numRuns: module.id === 'tail' ? 15 : 50 };
  const ask = (positions: readonly AnyPosition[], funding: FundingRate, which = module) =>
    which.calculate(
      book('1000', ...positions),
      markets,
      funded({ 'BTC-PERP': funding, 'BTC-INV': funding }),
      which.defaultParameters,
    );

  it('pays out no more than it takes in, over the two sides of every trade', () => {
    fc.assert(
      fc.property(sizes, told, fc.constantFrom('BTC-PERP', 'BTC-INV'), (ns, funding, name) => {
        const sides = [1, -1].map((side) =>
          ask(
            held(
              ns.map((n) => n * side),
              name,
            ),
            funding,
          ),
        );
        expect(accrued(sides[0]!) + accrued(sides[1]!) <= 0n).toBe(true);
        // and each position apart
        const apart = ns.flatMap((n) => [n, -n]).map((n) => accrued(ask(held([n], name), funding)));
        expect(apart.reduce((sum, each) => sum + each, 0n) <= 0n).toBe(true);
      }),
      runs,
    );
  });

  it('never raises equity above the exact accrual, and never lowers a requirement', () => {
    fc.assert(
      fc.property(sizes, told, (ns, funding) => {
        const positions = held(ns);
        const [after, before] = [ask(positions, funding), ask(positions, funding, former)];
        const gained = after.equityWad - before.equityWad;
        expect(gained).toBe(accrued(after));
        const hours = (NOW - (funding.settledAtMs ?? funding.asOfMs)) / HOUR;
        const exact = ns.reduce((sum, n) => sum - (n / 10 ** 8) * 60000 * funding.ratePerHour * hours, 0);
        const credit = ns.reduce(
          (sum, n) => sum + Math.max(0, -(n / 10 ** 8) * 60000 * funding.ratePerHour * hours),
          0,
        );
        expect(Number(gained) / 1e18).toBeLessThanOrEqual(exact + 1e-9 * (1 + credit));
        expect(after.initialRequirementWad >= before.initialRequirementWad).toBe(true);
        expect(after.maintenanceRequirementWad >= before.maintenanceRequirementWad).toBe(true);
        expect(after.initialRequirementWad >= after.maintenanceRequirementWad).toBe(true);
      }),
      runs,
    );
  });

  it('answers as the former version while the rate is 0 or nothing is told, to the bit', () => {
    fc.assert(
      fc.property(sizes, told, (ns, funding) => {
        const positions = [...held(ns), future('f', 'BTC-F', '1', '61000')];
        const fresh = { ...funding, ratePerHour: 0, asOfMs: NOW };
        expect(ask(positions, fresh)).toEqual(ask(positions, fresh, former));
        const silent = funded({});
        const whole = book('1000', ...positions);
        expect(module.calculate(whole, markets, silent, module.defaultParameters)).toEqual(
          former.calculate(whole, markets, silent, former.defaultParameters),
        );
      }),
      runs,
    );
  });

  it('is not read by the former version', () => {
    fc.assert(
      fc.property(sizes, told, (ns, funding) => {
        const whole = book('1000', ...held(ns));
        expect(ask(held(ns), funding, former)).toEqual(
          former.calculate(whole, markets, funded({}), former.defaultParameters),
        );
      }),
      runs,
    );
  });
});
