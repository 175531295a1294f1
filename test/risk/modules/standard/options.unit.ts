import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarketSnapshot } from '../../../../risk/market/market-data.ts';
import { type OptionExpiryData, volatilityAt } from '../../../../risk/market/option-data.ts';
import type { AnyMarket } from '../../../../risk/modules/module.ts';
import { standardModule } from '../../../../risk/modules/standard/module.ts';
import type { AnyPortfolio, AnyPosition } from '../../../../risk/portfolio/portfolio.ts';
import { validatePortfolio } from '../../../../risk/portfolio/validate.ts';
import { blackPrice } from '../../../../risk/pricing/black76.ts';
import { venueGreeks } from '../../../../risk/pricing/deribit-greeks.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../../risk/units/wad.ts';
import { MARKETS, NOW, perp, snapshot } from '../../fixtures.ts';

const EXPIRY = NOW + 30 * 86_400_000;
const TAU = 30 / 365;
const STRIKES = [1600, 1800, 2000, 2200, 2600];
const data: OptionExpiryData = {
  asOfMs: NOW,
  forward: 2010,
  settlementForward: null,
  rate: 0,
  smile: STRIKES.map((strike) => ({ strike, volatility: 0.7 })),
  forwardConfidence: 1,
  rateConfidence: 1,
  volatilityConfidence: 1,
};
const markets = new Map<string, AnyMarket>(MARKETS);
for (const strike of STRIKES) {
  for (const isCall of [true, false]) {
    const id = `ETH-${strike}-${isCall ? 'C' : 'P'}`;
    markets.set(id, {
      id,
      kind: 'option',
      asset: 'ETH',
      feedId: 'ETH-USD',
      strikeWad: wad(`${strike}`),
      expiryMs: EXPIRY,
      isCall,
    });
  }
}
const market = (over: Partial<OptionExpiryData> = {}, asOfMs = NOW): MarketSnapshot => ({
  ...snapshot({ asOfMs }),
  options: new Map([['ETH', new Map([[EXPIRY, { ...data, ...over }]])]]),
});
const option = (id: string, marketId: string, size: string): AnyPosition => ({
  kind: 'option',
  id,
  market: marketId,
  sizeWad: wad(size),
  chain: null,
});
const account = (...positions: AnyPosition[]): AnyPortfolio => ({
  accountId: 'a',
  cashWad: wad('100000'),
  positions,
});
const plain = standardModule.parseParameters({ buffered: false });
const margin = (portfolio: AnyPortfolio, at = market(), p = plain) =>
  standardModule.calculate(portfolio, markets, at, p);
const call = (strike: number) => blackPrice(2010, strike, TAU, 0.7, 1, true);

describe('options in the standard module', () => {
  it('gives a long its value and no credit for it', () => {
    const result = margin(account(option('o', 'ETH-2000-C', '2')));
    expect(wadToFloat(result.equityWad)).toBeCloseTo(100000 + 2 * call(2000), 8);
    expect(wadToFloat(result.netInitialWad)).toBeCloseTo(100000, 8);
    expect(result.netInitialWad <= wad('100000')).toBe(true);
  });

  it('takes 15 % of spot less the out-of-the-money amount for a short call, at least 10 %', () => {
    const near = margin(account(option('o', 'ETH-2000-C', '-1')));
    expect(wadToFloat(near.initialRequirementWad)).toBeCloseTo(300, 8);
    expect(wadToFloat(near.maintenanceRequirementWad)).toBeCloseTo(150, 8);
    const far = margin(account(option('o', 'ETH-2600-C', '-1')));
    expect(wadToFloat(far.initialRequirementWad)).toBeCloseTo(200, 8);
  });

  it('bounds a spread by its worst payoff and shares it between the legs', () => {
    const result = margin(account(option('s', 'ETH-2000-C', '-1'), option('l', 'ETH-2200-C', '1')));
    // net margin -200: worst payoff; requirement = value of the spread + 200
    expect(wadToFloat(result.netMaintenanceWad)).toBeCloseTo(100000 - 200, 8);
    const lines = result.lines.filter((line) => line.term === 'option-margin');
    expect(lines.reduce((sum, line) => sum + line.maintenanceWad, 0n)).toBe(result.maintenanceRequirementWad);
  });

  it('raises the rates of shorts with the buffer, not the bound of a spread', () => {
    const p = standardModule.defaultParameters;
    const short = account(option('o', 'ETH-2000-C', '-1'));
    // the fixture's forecast is calm: buffer25 stands at 1.25
    expect(wadToFloat(margin(short, market(), p).initialRequirementWad)).toBeCloseTo(375, 8);
    const spread = account(option('s', 'ETH-2000-C', '-1'), option('l', 'ETH-2200-C', '1'));
    expect(wadToFloat(margin(spread, market(), p).netMaintenanceWad)).toBeCloseTo(99800, 8);
  });

  it('reports deltas and slopes of the requirement', () => {
    const [short] = margin(account(option('o', 'ETH-1800-C', '-1'))).sensitivities;
    expect(short!.delta).toBeLessThan(-0.5);
    const one = venueGreeks(2010, 1800, TAU, 0.7, true);
    expect(short!.greeks!.vega).toBeCloseTo(-one.vega, 12);
    expect(short!.greeks!.theta).toBeCloseTo(-one.theta, 12);
    expect(short!.initialSlope).toBeCloseTo(0.15, 6);
    expect(short!.maintenanceSlope).toBeCloseTo(0.075, 6);
  });

  it.each([
    ['option-expired', market({}, EXPIRY)],
    ['option-data-stale', market({ asOfMs: NOW - 301_000 })],
    ['option-data-missing', snapshot()],
    ['option-data-invalid', market({ forward: Number.NaN })],
    ['volatility-missing', market({ smile: [{ strike: 2000, volatility: -0.5 }] })],
  ])('fails a leg alone with %s', (code, at) => {
    const result = margin(account(option('o', 'ETH-2000-C', '-1'), perp('p', 'BTC-PERP', '1', '60000')), at);
    expect(result.failures).toEqual([{ positionId: 'o', reason: expect.objectContaining({ code }) }]);
    expect(wadToFloat(result.maintenanceRequirementWad)).toBe(3000);
    expect(result.status).toBe('unknown');
  });

  it('is refused by validation when it names no option', () => {
    expect(() => validatePortfolio(account(option('o', 'ETH-PERP', '1')), markets)).toThrow(
      /^positions\[0\].market/,
    );
    expect(() => validatePortfolio(account(option('o', 'ETH-2000-C', '0')), markets)).toThrow(
      /^positions\[0\].size/,
    );
  });

  const legs = fc.uniqueArray(
    fc.record({
      strike: fc.constantFrom(...STRIKES),
      isCall: fc.boolean(),
      size: fc.integer({ min: -50, max: 50 }).filter((size) => size !== 0),
      id: fc.uuid(),
    }),
    { selector: (leg) => leg.id, minLength: 1, maxLength: 8 },
  );
  const bookOf = (drawn: readonly { strike: number; isCall: boolean; size: number; id: string }[]) =>
    account(
      ...drawn.map((leg) => option(leg.id, `ETH-${leg.strike}-${leg.isCall ? 'C' : 'P'}`, `${leg.size}`)),
    );

  it('adds up, keeps MM under IM, agrees with its revaluation, for any legs', () => {
    fc.assert(
      fc.property(legs, (one) => {
        const a = margin(bookOf(one));
        const sum = a.lines.reduce((total, line) => total + line.initialWad, 0n);
        expect(sum).toBe(a.initialRequirementWad);
        expect(a.netInitialWad <= a.netMaintenanceWad + 10n ** 6n).toBe(true);
        const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
        const one1 = Float64Array.of(1);
        standardModule.revaluer(bookOf(one), markets, market(), plain).evaluate(one1, one1, one1, out);
        expect(out.equity).toBeCloseTo(wadToFloat(a.equityWad), 6);
        expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(a.maintenanceRequirementWad), 6);
      }),
      { numRuns: 200 },
    );
  });
});

describe('smile', () => {
  it('is linear between points, flat outside, null when empty or broken', () => {
    const smile = [
      { strike: 100, volatility: 0.5 },
      { strike: 200, volatility: 0.7 },
    ];
    const at = (strike: number, points = smile) => volatilityAt({ ...data, smile: points }, strike);
    expect([50, 100, 150, 200, 300].map((strike) => at(strike))).toEqual([0.5, 0.5, 0.6, 0.7, 0.7]);
    expect(at(100, [])).toBeNull();
    expect(at(150, [{ strike: 100, volatility: Number.NaN }])).toBeNull();
  });
});
