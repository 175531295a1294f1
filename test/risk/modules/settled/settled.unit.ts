import { describe, expect, it } from 'vitest';
import { largestOrder } from '../../../../risk/capacity/capacity.ts';
import { largestOptionOrder } from '../../../../risk/capacity/option-order.ts';
import { planPartialClose } from '../../../../risk/liquidation/plan.ts';
import type { MarketSnapshot } from '../../../../risk/market/market-data.ts';
import type { SettlementPrice } from '../../../../risk/market/venue-terms.ts';
import type { AnyPosition } from '../../../../risk/portfolio/portfolio.ts';
import { cutOff, shockedMarket } from '../../../../risk/stress/shock.ts';
import { wadFromDecimal as wad, wadToDecimal, wadToFloat } from '../../../../risk/units/wad.ts';
import { perp, price, withPrice } from '../../fixtures.ts';
import { pair, VERSIONS } from '../funding/fixtures.ts';
import { book, EXPIRY, future, markets, option, withData } from '../instrument-fixtures.ts';

const AFTER = EXPIRY + 60_000;
const settledAt = (over: Partial<SettlementPrice> = {}): SettlementPrice => ({
  priceWad: wad('64000'),
  asOfMs: EXPIRY,
  maxAgeMs: 86_400_000,
  ...over,
});
const settled = (told: Readonly<Record<string, SettlementPrice>>): MarketSnapshot => ({
  ...withPrice(withData(), price('BTC-USD', '62000')),
  asOfMs: AFTER,
  settled: new Map(Object.entries(told)),
});

describe.each(VERSIONS)('settlement prices in %s %s', (...names) => {
  const [module, former] = pair(names);
  const p = module.defaultParameters;
  const ask = (position: AnyPosition, market: MarketSnapshot, which = module) =>
    which.calculate(book('1000', position), markets, market, which.defaultParameters);

  it.each([
    ['a future', future('x', 'BTC-F', '-2', '61000'), 'BTC-F', '-6000'],
    ['an option in the money', option('x', 'BTC-C-quote', '3'), 'BTC-C-quote', '0'],
    ['a perp', perp('x', 'BTC-PERP', '2', '60000', { unsettledFundingWad: wad('-7') }), 'BTC-PERP', '7993'],
    // 61,000 contracts: 1 - 61/64 coins, at the lower of 64,000 and 62,000
    ['a coin-settled future', future('x', 'BTC-F-COIN', '61000', '61000'), 'BTC-F-COIN', '2906.25'],
    ['one that owes coins', future('x', 'BTC-F-COIN', '-61000', '61000'), 'BTC-F-COIN', '-3000'],
  ])('values %s at them, and asks for no margin', (_, position, market, equity) => {
    const result = ask(position, settled({ [market]: settledAt() }));
    expect(result.failures).toEqual([]);
    expect(wadToDecimal(result.equityWad)).toBe(wadToDecimal(wad('1000') + wad(equity)));
    expect([result.initialRequirementWad, result.maintenanceRequirementWad]).toEqual([0n, 0n]);
    expect(result.lines.filter(({ positionId }) => positionId === 'x').map(({ term }) => term)).toEqual([
      'settlement',
    ]);
  });

  it('pays options what they are in the money, to both sides', () => {
    const at = (size: string) =>
      wadToDecimal(
        ask(
          option('x', 'BTC-C-quote', size),
          settled({ 'BTC-C-quote': settledAt({ priceWad: wad('66000') }) }),
        ).equityWad,
      );
    expect([at('3'), at('-3')]).toEqual(['4000', '-2000']);
  });

  it('needs no price, history or surface any more', () => {
    const market: MarketSnapshot = {
      asOfMs: AFTER,
      prices: new Map(),
      volatility: new Map(),
      settled: new Map([['BTC-C-quote', settledAt({ priceWad: wad('66000') })]]),
    };
    expect(ask(option('x', 'BTC-C-quote', '1'), market)).toMatchObject({
      status: 'healthy',
      equityWad: wad('2000'),
      failures: [],
    });
  });

  it('has no delta and does not move, but for coins that are worth the index', () => {
    const outOf = (position: AnyPosition, market: string, scale: number) => {
      const told = settled({ [market]: settledAt() });
      const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
      const revaluer = module.revaluer(book('1000', position), markets, told, p);
      const n = revaluer.assets.length;
      const ones = new Float64Array(n).fill(1);
      revaluer.evaluate(new Float64Array(n).fill(scale), ones, ones, out);
      const moved = shockedMarket(told, markets, {
        name: 'x',
        source: 'x',
        moves: { BTC: scale - 1 },
        others: 0,
        volatility: 1,
        closingCost: 0,
        lostChain: null,
      });
      expect(out.equity).toBeCloseTo(wadToFloat(ask(position, moved).equityWad), 6);
      return out;
    };
    const quote = future('x', 'BTC-F', '2', '61000');
    expect(ask(quote, settled({ 'BTC-F': settledAt() })).sensitivities).toMatchObject([
      { positionId: 'x', delta: 0, initialSlope: 0 },
    ]);
    expect([0.5, 1, 2].map((scale) => outOf(quote, 'BTC-F', scale).equity)).toEqual([7000, 7000, 7000]);
    const coin = future('x', 'BTC-F-COIN', '61000', '61000');
    expect(ask(coin, settled({ 'BTC-F-COIN': settledAt() })).sensitivities[0]!.delta).toBeCloseTo(3 / 64, 12);
    expect(outOf(coin, 'BTC-F-COIN', 0.5).equity).toBeCloseTo(1000 + 31000 * (3 / 64), 8);
    expect(outOf(coin, 'BTC-F-COIN', 2).equity).toBeCloseTo(1000 + 64000 * (3 / 64), 8);
  });

  it.each([
    ['none is told', {}, 'future-expired'],
    [
      'it is an average of before the expiry',
      { 'BTC-F': settledAt({ asOfMs: EXPIRY - 1 }) },
      'future-expired',
    ],
    ['it is too old', { 'BTC-F': settledAt({ maxAgeMs: 59_999 }) }, 'settlement-stale'],
    ['it is not positive', { 'BTC-F': settledAt({ priceWad: 0n }) }, 'settlement-invalid'],
  ])('claims nothing when %s', (_, told: Readonly<Record<string, SettlementPrice>>, code) => {
    const result = ask(future('x', 'BTC-F', '2', '61000'), settled(told));
    expect(result.status).toBe('unknown');
    expect(result.failures).toMatchObject([{ positionId: 'x', reason: { code } }]);
    expect(result.equityWad).toBe(wad('1000'));
  });

  it('does not settle before the expiry, and the former version not at all', () => {
    const early = { ...withData(), settled: new Map([['BTC-F', settledAt({ asOfMs: withData().asOfMs })]]) };
    const position = future('x', 'BTC-F', '1', '61000');
    expect(ask(position, early)).toEqual(ask(position, early, former));
    const late = ask(position, settled({ 'BTC-F': settledAt() }), former);
    expect(late.failures[0]!.reason.code).toBe('future-expired');
  });

  it('opens and closes nothing there any more, and counts no gain of a lost chain', () => {
    const market = settled({ 'BTC-PERP': settledAt(), 'BTC-C-quote': settledAt({ priceWad: wad('66000') }) });
    const question = { module, parameters: p, portfolio: book('1000'), markets, market };
    for (const side of ['buy', 'sell'] as const) {
      expect(largestOrder(question, 'BTC-PERP', side)).toBe(0n);
      expect(largestOptionOrder(question, 'BTC-C-quote', side)).toBe(0n);
    }
    const lost = book('1000', perp('x', 'BTC-PERP', '-1', '60000', { chain: 'l2' }));
    expect(planPartialClose({ ...question, portfolio: lost }, 0n, 0)).toMatchObject({
      closes: [],
      reached: false,
    });
    const won = book('1000', perp('x', 'BTC-PERP', '1', '60000', { chain: 'l2' }));
    const left = module.calculate(cutOff(won, markets, market, 'l2'), markets, market, p);
    expect(wadToDecimal(left.equityWad)).toBe('1000');
  });
});
