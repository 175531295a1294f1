import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acrossChains, type ChainState } from '../../../risk/cross-chain/across.ts';
import { splitsOf } from '../../../risk/cross-chain/cut.ts';
import { DEFAULT_HAIRCUT } from '../../../risk/cross-chain/haircut.ts';
import { type AnyRiskModule, listModules } from '../../../risk/modules/registry.ts';
import type { AnyPortfolio, AnyPosition } from '../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal } from '../../../risk/units/wad.ts';
import { collateral, loan, MARKETS, perp, snapshot } from '../fixtures.ts';

const CHAINS = ['a', 'b', 'c'] as const;
const market = snapshot();
const size = fc.integer({ min: -40, max: 40 }).filter((n) => n !== 0);
const chain = fc.constantFrom(...CHAINS, null);
const position: fc.Arbitrary<(id: string) => AnyPosition> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('BTC-PERP', 'ETH-PERP'),
      size,
      fc.constantFrom('1000', '2000', '60000', '90000'),
      chain,
    )
    .map(
      ([name, n, entry, at]) =>
        (id: string): AnyPosition => ({ ...perp(id, name, `${n / 8}`, entry), chain: at }),
    ),
  fc.tuple(fc.constantFrom('BTC', 'ETH', 'USDC'), fc.integer({ min: 1, max: 4000 }), chain).map(
    ([asset, n, at]) =>
      (id: string): AnyPosition => ({ ...collateral(id, asset, `${n / 40}`), chain: at }),
  ),
  fc.tuple(fc.integer({ min: 1, max: 40 }), chain).map(
    ([n, at]) =>
      (id: string): AnyPosition => ({ ...loan(id, 'ETH-SPOT', `${n / 8}`), chain: at }),
  ),
);
const portfolio = fc
  .tuple(fc.integer({ min: -20_000, max: 20_000 }), fc.array(position, { minLength: 1, maxLength: 8 }))
  .map(
    ([cash, makes]): AnyPortfolio => ({
      accountId: 'x',
      cashWad: wadFromDecimal(`${cash}`),
      positions: makes.map((make, index) => make(`p${index}`)),
    }),
  );
const link = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      finalitySeconds: fc.integer({ min: 0, max: 2000 }),
      messageSeconds: fc.integer({ min: 0, max: 2000 }),
      trustWeight: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 1, arbitrary: fc.constant(null) },
);
const links = fc.tuple(link, link, link);
const CASH = [
  ['a', 3000n * 10n ** 18n],
  ['b', -2000n * 10n ** 18n],
] as const;
const FREE = { finalitySeconds: 0, messageSeconds: 0, trustWeight: 1 };

const statesOf = (all: readonly ChainState['link'][], cut: ReadonlySet<string>): ChainState[] =>
  CHAINS.map((name, index) => ({
    chain: name,
    link: all[index]!,
    cut: cut.has(name) ? { code: 'chain-unavailable', message: 'gone' } : null,
  }));

function margin(
  module: AnyRiskModule,
  book: AnyPortfolio,
  states: readonly ChainState[],
  cash: readonly (readonly [string, bigint])[] = [],
) {
  const calculate = (one: AnyPortfolio) => module.calculate(one, MARKETS, market, module.defaultParameters);
  const cut = states.filter((state) => state.cut !== null).map((state) => state.chain);
  return acrossChains({
    portfolio: { ...book, cashOn: new Map(cash) },
    markets: MARKETS,
    result: calculate(book),
    splits: splitsOf(book, cut).map((parts) => parts.map(calculate)),
    states,
    volatility: market.volatility,
    parameters: DEFAULT_HAIRCUT,
    warningRatio: 0.1,
  });
}

const modules = listModules().filter(({ id }) => id !== 'tail');

describe.each(modules.map((module) => [`${module.id}@${module.version}`, module] as const))(
  '%s',
  (_, module) => {
    it('gives the margin of one chain when haircuts are off', () => {
      fc.assert(
        fc.property(portfolio, (book) => {
          const one = { ...book, positions: book.positions.map((each) => ({ ...each, chain: 'a' })) };
          const there = module.calculate(one, MARKETS, market, module.defaultParameters);
          const { result } = margin(module, book, statesOf([FREE, FREE, FREE], new Set()), CASH);
          for (const key of [
            'equityWad',
            'initialRequirementWad',
            'maintenanceRequirementWad',
            'netInitialWad',
            'netMaintenanceWad',
          ] as const) {
            expect([key, result[key]]).toEqual([key, there[key]]);
          }
        }),
        { numRuns: 60, seed: 20261122 },
      );
    });

    it('never lowers a requirement and never raises a net when one more chain is cut off', () => {
      fc.assert(
        fc.property(
          portfolio,
          links,
          fc.subarray([...CHAINS]),
          fc.constantFrom(...CHAINS),
          (book, all, before, more) => {
            const near = margin(module, book, statesOf(all, new Set(before)), CASH).result;
            const far = margin(module, book, statesOf(all, new Set([...before, more])), CASH).result;
            expect(far.initialRequirementWad >= near.initialRequirementWad).toBe(true);
            expect(far.maintenanceRequirementWad >= near.maintenanceRequirementWad).toBe(true);
            expect(far.netInitialWad <= near.netInitialWad).toBe(true);
            expect(far.netMaintenanceWad <= near.netMaintenanceWad).toBe(true);
          },
        ),
        { numRuns: 120, seed: 20261122 },
      );
    });
  },
);

describe('value on one chain for a loss on another', () => {
  const module = listModules().find(({ id }) => id === 'standard')!;
  const book: AnyPortfolio = {
    accountId: 'x',
    cashWad: 0n,
    positions: [
      { ...collateral('c', 'ETH', '10'), chain: 'a' },
      { ...perp('p', 'BTC-PERP', '0.1', '90000'), chain: 'b' },
    ],
  };
  const slow = { finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.9 };

  it('is haircut by trust and by the move that may happen on the way, on what is used alone', () => {
    const { result, moves } = margin(module, book, statesOf([slow, slow, slow], new Set()));
    expect(moves.map(({ from, to, asset }) => [from, to, asset])).toEqual([['a', 'b', 'ETH']]);
    const [move] = moves;
    // T = 900 + 60 + 900 s; the least haircut is the lack of trust.
    expect(Number(move!.haircutWad) / Number(move!.valueWad)).toBeGreaterThan(0.1);
    const taken = result.lines.filter(({ term }) => term === 'cross-chain-haircut');
    expect(taken.map(({ chain: at, equityWad }) => [at, equityWad])).toEqual([['a', -move!.haircutWad]]);
  });

  it('is worth nothing without a link, a forecast, or while its chain is cut off', () => {
    const nothing = margin(module, book, statesOf([null, slow, slow], new Set()));
    expect(nothing.moves[0]!.haircutWad).toBe(nothing.moves[0]!.valueWad);
    const cut = margin(module, book, statesOf([slow, slow, slow], new Set(['a'])));
    expect(cut.moves).toEqual([]);
    expect(cut.result.equityWad < 0n).toBe(true);
    expect(cut.result.status).toBe('insolvent');
  });
});
