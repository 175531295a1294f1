import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findModule, listModules } from '../../../risk/modules/registry.ts';
import {
  type BookFigures,
  nettingRelief,
  type Pair,
  reliefOnOwn,
  shareOf,
} from '../../../risk/netting/relief.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { WAD, wadFromDecimal } from '../../../risk/units/wad.ts';
import { collateral, MARKETS, perp, snapshot } from '../fixtures.ts';

const KEYS = ['initialWad', 'maintenanceWad'] as const;
const requirement = fc.bigInt({ min: 0n, max: 10n ** 24n });
const book: fc.Arbitrary<BookFigures> = fc
  .tuple(
    requirement,
    fc.bigInt({ min: 0n, max: WAD }),
    fc.bigInt({ min: -(10n ** 24n), max: 3n * 10n ** 24n }),
  )
  .map(([initialWad, share, equityWad]) => ({
    equityWad,
    initialWad,
    maintenanceWad: (initialWad * share) / WAD,
  }));
const combined: fc.Arbitrary<Pair> = fc
  .tuple(requirement, fc.bigInt({ min: 0n, max: WAD }))
  .map(([initialWad, share]) => ({ initialWad, maintenanceWad: (initialWad * share) / WAD }));
const haircutWad = fc.bigInt({ min: 0n, max: WAD });
const input = fc.record({ own: book, other: book, combined, haircutWad });

describe('nettingRelief', () => {
  it('never lets the shares add up to less than the combined requirement, nor raises either', () => {
    fc.assert(
      fc.property(input, (given) => {
        const relief = nettingRelief(given);
        if (relief === null) return;
        for (const key of KEYS) {
          const alone = given.own[key] + given.other[key];
          const shares = alone - relief.own[key] - relief.other[key];
          const floor = given.combined[key] < alone ? given.combined[key] : alone;
          expect(shares >= floor).toBe(true);
          for (const [side, of] of [
            ['own', given.own],
            ['other', given.other],
          ] as const) {
            expect(relief[side][key] >= 0n && relief[side][key] <= of[key]).toBe(true);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is symmetric: the sides exchanged, their reliefs exchanged', () => {
    fc.assert(
      fc.property(input, (given) => {
        const [there, back] = [
          nettingRelief(given),
          nettingRelief({ ...given, own: given.other, other: given.own }),
        ];
        expect(back).toEqual(there === null ? null : { own: there.other, other: there.own });
      }),
    );
  });

  it('is never more than what the other side has left, after the haircut, where this one loses all of its requirement', () => {
    fc.assert(
      fc.property(input, (given) => {
        const relief = nettingRelief(given);
        if (relief === null) return;
        const { own, other, combined: both, haircutWad: h } = given;
        for (const key of KEYS) {
          const least = own[key] + other[key] - both[key];
          const left = other.equityWad - other[key] + (least > 0n ? least : 0n);
          expect(relief.own[key] * WAD <= (left > 0n ? left : 0n) * (WAD - h)).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('gives each side its full share when both hold at least theirs, and nothing while one does not cover its maintenance', () => {
    fc.assert(
      fc.property(input, (given) => {
        const rich = { ...given, own: { ...given.own, equityWad: 10n ** 25n } };
        const relief = nettingRelief({ ...rich, other: { ...rich.other, equityWad: 10n ** 25n } })!;
        const least = given.own.maintenanceWad + given.other.maintenanceWad - given.combined.maintenanceWad;
        const x = ((least > 0n ? least : 0n) * (WAD - given.haircutWad)) / (2n * WAD - given.haircutWad);
        const full = x < given.own.maintenanceWad ? x : given.own.maintenanceWad;
        expect(relief.own.maintenanceWad).toBe(full);
        const share = given.other.maintenanceWad - relief.other.maintenanceWad;
        const short = { ...rich, other: { ...rich.other, equityWad: share - 1n } };
        expect(nettingRelief(short)).toBeNull();
        expect(nettingRelief({ ...short, other: { ...short.other, equityWad: share } })).not.toBeNull();
      }),
    );
  });

  it('never grows with the haircut, and is nothing at a haircut of one', () => {
    fc.assert(
      fc.property(input, fc.bigInt({ min: 0n, max: WAD }), (given, more) => {
        const larger = given.haircutWad + more > WAD ? WAD : given.haircutWad + more;
        const [less, most] = [nettingRelief({ ...given, haircutWad: larger }), nettingRelief(given)];
        if (less === null || most === null) return;
        expect(less.own.maintenanceWad <= most.own.maintenanceWad).toBe(true);
        const none = nettingRelief({ ...given, haircutWad: WAD });
        if (none !== null) expect(none.own).toEqual({ initialWad: 0n, maintenanceWad: 0n });
      }),
    );
  });
});

describe('reliefOnOwn', () => {
  it('takes the own requirement no lower than the consented share, and keeps to the cap', () => {
    fc.assert(
      fc.property(combined, combined, combined, fc.option(requirement), (required, share, relief, cap) => {
        const taken = reliefOnOwn(required, share, relief, cap);
        const after = shareOf(required, taken);
        for (const key of KEYS) {
          const floor = share[key] < required[key] ? share[key] : required[key];
          expect(after[key] >= floor && after[key] <= required[key]).toBe(true);
          if (cap !== null) expect(taken[key] <= cap).toBe(true);
        }
        expect(after.initialWad >= after.maintenanceWad).toBe(true);
      }),
    );
  });
});

describe('of modules', () => {
  const { parameters, module } = (() => {
    const found = findModule('scenario', listModules().findLast(({ id }) => id === 'scenario')!.version);
    return { module: found, parameters: found.defaultParameters };
  })();
  const figures = (portfolio: AnyPortfolio): BookFigures => {
    const found = module.calculate(portfolio, MARKETS, snapshot(), parameters);
    return {
      equityWad: found.equityWad,
      initialWad: found.initialRequirementWad,
      maintenanceWad: found.maintenanceRequirementWad,
    };
  };
  const holding = (size: string): AnyPortfolio => ({
    accountId: 'x',
    cashWad: wadFromDecimal('100000'),
    positions: [perp('p', 'BTC-PERP', size, '60000'), collateral('c', 'USDC', '5000')],
  });
  const both = (a: AnyPortfolio, b: AnyPortfolio): AnyPortfolio => ({
    accountId: 'x',
    cashWad: a.cashWad + b.cashWad,
    positions: [a, b].flatMap(({ positions }, index) =>
      positions.map((one) => ({ ...one, id: `${index}${one.id}` })),
    ),
  });
  const reliefFor = (left: string, right: string) => {
    const [a, b] = [holding(left), holding(right)];
    return nettingRelief({
      own: figures(a),
      other: figures(b),
      combined: figures(both(a, b)),
      haircutWad: WAD / 2n,
    });
  };

  it('a hedge at another protocol lowers both requirements; more of the same lowers neither', () => {
    const hedged = reliefFor('1', '-1')!;
    expect(hedged.own.maintenanceWad > 0n).toBe(true);
    expect(hedged.own).toEqual(hedged.other);
    expect(reliefFor('1', '1')).toEqual({
      own: { initialWad: 0n, maintenanceWad: 0n },
      other: { initialWad: 0n, maintenanceWad: 0n },
    });
  });
});
