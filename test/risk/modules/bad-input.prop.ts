import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidInputError } from '../../../risk/errors.ts';
import type { MarketSnapshot } from '../../../risk/market/market-data.ts';
import type { OptionExpiryData } from '../../../risk/market/option-data.ts';
import type { AnyMarket, MarginResult } from '../../../risk/modules/module.ts';
import { type AnyRiskModule, listModules } from '../../../risk/modules/registry.ts';
import type { AnyPosition } from '../../../risk/portfolio/portfolio.ts';
import { validatePortfolio } from '../../../risk/portfolio/validate.ts';
import { MAX_ABS_WAD, wadFromDecimal as wad } from '../../../risk/units/wad.ts';
import { collateral, loan, NOW, perp } from '../fixtures.ts';
import { book, btc, EXPIRY, future, markets, option, withData } from './instrument-fixtures.ts';

const odd = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -1,
  0,
  1e308,
  5e-324,
  Number.MAX_VALUE,
);
const held: readonly AnyPosition[] = [
  perp('p', 'BTC-PERP', '1', '60000'),
  option('o', 'BTC-C-quote', '-1'),
  option('q', 'BTC-C-coin', '2'),
  future('f', 'BTC-F', '-1', '61000'),
  collateral('c', 'ETH', '3'),
];

/** Totals are integers that are sums of their lines, and what has no value makes the account unknown. */
function sound(result: MarginResult): void {
  expect(result.lines.reduce((sum, each) => sum + each.initialWad, 0n)).toBe(result.initialRequirementWad);
  if (result.failures.length > 0) expect(result.status).toBe('unknown');
}

describe.each(listModules())('module $id $version, bad input', (module: AnyRiskModule) => {
  const p = module.defaultParameters;
  const ask = (market: MarketSnapshot, own: ReadonlyMap<string, AnyMarket> = markets, positions = held) =>
    module.calculate(book('100', ...positions), own, market, p);

  it('never throws at broken forwards, rates, volatilities, strikes or ages, and keeps the rest of the account', () => {
    const alone = ask(withData(), markets, [held[0]!, held[4]!]);
    const fields = [
      'forward',
      'rate',
      'settlementForward',
      'forwardConfidence',
      'volatilityConfidence',
      'rateConfidence',
      'asOfMs',
    ] as const;
    fc.assert(
      fc.property(fc.constantFrom(...fields), odd, (field, value) => {
        const result = ask(withData({ [field]: value } as Partial<OptionExpiryData>));
        sound(result);
        const ids = result.failures.map(({ positionId }) => positionId);
        expect(ids).not.toContain('p');
        expect(ids).not.toContain('c');
        if (ids.includes('o') && ids.includes('q') && ids.includes('f'))
          expect(result.equityWad).toBe(alone.equityWad);
      }),
    );
    fc.assert(
      fc.property(odd, odd, (strike, volatility) => {
        sound(ask(withData({ smile: [{ strike, volatility }] })));
        sound(
          ask(
            withData({
              smile: [
                { strike: 60_000, volatility: 0.5 },
                { strike, volatility },
              ],
            }),
          ),
        );
      }),
    );
    for (const smile of [
      [],
      [{ strike: 65_000, volatility: -0.5 }],
      [{ strike: 65_000, volatility: Number.NaN }],
      [{ strike: 65_000, volatility: Number.POSITIVE_INFINITY }],
    ]) {
      const failures = ask(withData({ smile })).failures.filter(({ positionId }) =>
        'oq'.includes(positionId),
      );
      expect(failures).toHaveLength(2);
    }
  });

  it('never throws at odd strikes and expiries of listed options', () => {
    const strikes = fc.constantFrom(0n, -1n, wad('-65000'), 1n, MAX_ABS_WAD);
    const expiries = fc.constantFrom(NOW, NOW - 1, 0, NOW + 1, EXPIRY, NOW + 1e15, Number.NaN);
    fc.assert(
      fc.property(strikes, expiries, (strikeWad, expiryMs) => {
        const own = new Map(markets);
        own.set('BTC-C-quote', {
          id: 'BTC-C-quote',
          kind: 'option',
          ...btc,
          strikeWad,
          expiryMs,
          isCall: true,
        });
        own.set('BTC-F', { id: 'BTC-F', kind: 'future', ...btc, expiryMs });
        const data = withData().options!.get('BTC')!.get(EXPIRY)!;
        const options = new Map([
          [
            'BTC',
            new Map([
              [expiryMs, data],
              [EXPIRY, data],
            ]),
          ],
        ]);
        const result = ask({ ...withData(), options }, own);
        sound(result);
        if (strikeWad < 0n || !(expiryMs > NOW)) {
          const ids = result.failures.map(({ positionId }) => positionId);
          expect(ids).toContain('o');
        }
        if (!(expiryMs > NOW)) expect(result.failures.map(({ positionId }) => positionId)).toContain('f');
      }),
    );
  });

  it('takes 1e30 of everything', () => {
    const most = '1000000000000000000000000000000';
    const kinds: readonly ((n: string) => AnyPosition)[] = [
      (n) => perp('p', 'BTC-PERP', n, n.replace('-', '')),
      (n) => perp('i', 'BTC-INV', n, '0.000000000000000001'),
      (n) => future('f', 'BTC-F', n, n.replace('-', '')),
      (n) => option('o', 'BTC-C-coin', n),
      (n) => collateral('c', 'ETH', n.replace('-', '')),
      (n) => loan('l', 'ETH-SPOT', n.replace('-', '')),
    ];
    for (const make of kinds) {
      for (const n of [most, `-${most}`]) {
        const result = ask(withData(), markets, [make(n)]);
        sound(result);
        expect(() => validatePortfolio(book('0', make(n)), markets)).not.toThrow();
      }
    }
  });

  it('sums duplicate legs, and is healthy when empty', () => {
    const twice = ask(withData(), markets, [
      option('a', 'BTC-C-quote', '1'),
      option('b', 'BTC-C-quote', '1'),
    ]);
    const once = ask(withData(), markets, [option('a', 'BTC-C-quote', '2')]);
    expect(twice.equityWad - once.equityWad).toBeLessThanOrEqual(0n);
    expect(once.equityWad - twice.equityWad).toBeLessThanOrEqual(2n);
    const empty = module.calculate(book('0'), markets, withData(), p);
    expect(empty).toMatchObject({
      status: 'healthy',
      equityWad: 0n,
      initialRequirementWad: 0n,
      failures: [],
    });
  });
});

describe('validation', () => {
  it('refuses one id twice and unknown instruments by their path', () => {
    const twice = book('0', perp('p', 'BTC-PERP', '1', '1'), perp('p', 'BTC-PERP', '1', '1'));
    expect(() => validatePortfolio(twice, markets)).toThrow(/^positions\[1\]\.id/);
    for (const position of [
      future('f', 'BTC-PERP', '1', '1'),
      perp('p', 'BTC-F', '1', '1'),
      option('o', 'BTC-F', '1'),
    ])
      expect(() => validatePortfolio(book('0', position), markets)).toThrow(InvalidInputError);
    expect(() => validatePortfolio(book('0', future('f', 'BTC-F', '0', '1')), markets)).toThrow(/size/);
    const huge = { ...future('f', 'BTC-F', '1', '1'), sizeWad: MAX_ABS_WAD + 1n };
    expect(() => validatePortfolio(book('0', huge), markets)).toThrow(/size/);
  });
});
