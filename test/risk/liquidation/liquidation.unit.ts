import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cheapestRoute, marginalPrice, type Pool, sellInto } from '../../../risk/liquidation/amm-route.ts';
import { bankruptcyPrice } from '../../../risk/liquidation/bankruptcy.ts';
import {
  auctionSchema,
  bidAt,
  largestFraction,
  paidFraction,
} from '../../../risk/liquidation/dutch-auction.ts';
import { liquidationPrices, type MarginQuestion } from '../../../risk/liquidation/liquidation-price.ts';
import { planPartialClose } from '../../../risk/liquidation/plan.ts';
import { curveFraction, secondsToFraction } from '../../../risk/liquidation/price-curves.ts';
import { coverLoss, perpLossPerBase } from '../../../risk/liquidation/socialise.ts';
import { initialState, type LiquidationFacts, nextState } from '../../../risk/liquidation/state.ts';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { StandardParameters } from '../../../risk/modules/standard/parameters.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { WAD, wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { account, collateral, MARKETS, NOW, perp, refused, snapshot, withPrice } from '../fixtures.ts';

const parameters = standardModule.parseParameters({ buffered: false });
const ask = (portfolio: AnyPortfolio): MarginQuestion<StandardParameters> => ({
  module: standardModule,
  parameters,
  portfolio,
  markets: MARKETS,
  market: snapshot(),
});

describe('liquidation price', () => {
  it('is where equity meets maintenance, in closed form for one perp', () => {
    const { byAsset } = liquidationPrices(ask(account('6000', perp('p', 'BTC-PERP', '1', '60000'))));
    // 6000 + 60000 (s - 1) = 3000 s
    expect(byAsset.get('BTC')!.down).toBeCloseTo(54 / 57, 10);
    expect(byAsset.get('BTC')).toMatchObject({ up: null, already: false });
    const short = liquidationPrices(ask(account('6000', perp('p', 'BTC-PERP', '-1', '60000')))).byAsset.get(
      'BTC',
    )!;
    expect(short.up).toBeCloseTo(66 / 63, 10);
    expect(short.down).toBeNull();
  });

  it('looks along betas, and says when it is too late or never', () => {
    const book = account('9000', perp('a', 'BTC-PERP', '1', '60000'), perp('b', 'ETH-PERP', '-20', '2000'));
    const { alongBeta, byAsset } = liquidationPrices(ask(book), { BTC: 1, ETH: 1.5 });
    // 9000 + 60000 m - 40000 (1.5 m) = 3000 (1 + m) + 2000 (1 + 1.5 m)  with m = s - 1: hedged along the beta
    expect(alongBeta!.up).toBeCloseTo(1 + 4000 / 6000, 9);
    expect(byAsset.get('ETH')!.up).not.toBeNull();
    expect(
      liquidationPrices(ask(account('2000', perp('p', 'BTC-PERP', '1', '60000')))).byAsset.get('BTC'),
    ).toEqual({
      down: 1,
      up: 1,
      already: true,
    });
    expect(
      liquidationPrices(ask(account('5', collateral('c', 'ETH', '1')))).byAsset.get('ETH'),
    ).toMatchObject({
      down: null,
      up: null,
    });
    expect(() => liquidationPrices(ask(book), { BTC: Number.NaN })).toThrow(/^betas.BTC/);
  });
});

describe('partial close', () => {
  it('closes only what brings net initial margin to the target', () => {
    const question = ask(account('3000', perp('p', 'BTC-PERP', '1', '60000')));
    const plan = planPartialClose(question, 0n, 0.001);
    expect(plan.reached).toBe(true);
    expect(plan.netInitialWad >= 0n).toBe(true);
    // shortage 900 over 60000 (6.5 % - 0.1 %): 0.234375 BTC, in parts of 1/10000
    expect(wadToFloat(plan.closes[0]!.sizeWad)).toBeCloseTo(-0.2344, 10);
    const less = planPartialClose(question, 0n, 0).closes[0]!;
    expect(wadToFloat(less.sizeWad)).toBeCloseTo(-0.2308, 10);
  });

  it('takes the position that frees most per quote first, and says when closing all is not enough', () => {
    const p = standardModule.parseParameters({
      buffered: false,
      assets: { ETH: { perp: { initial: 0.2, maintenance: 0.1 } } },
    });
    const book = account('7500', perp('a', 'BTC-PERP', '1', '60000'), perp('b', 'ETH-PERP', '10', '2000'));
    const plan = planPartialClose({ ...ask(book), parameters: p }, 0n, 0.001);
    expect(plan.closes.map((close) => close.positionId)).toEqual(['b']);
    const broke = planPartialClose(ask(account('-10', perp('p', 'BTC-PERP', '1', '60000'))), 0n, 0.001);
    expect(broke.reached).toBe(false);
    expect(broke.after.positions).toEqual([]);
    expect(wadToFloat(broke.after.cashWad)).toBeCloseTo(-70, 10);
  });

  it('never trades at a price that may not liquidate', () => {
    const market = withPrice(snapshot(), {
      ...refused('BTC-USD', '60000'),
      verdicts: { ...refused('BTC-USD', '60000').verdicts, margin: { usable: true, reasons: [] } },
    });
    const plan = planPartialClose(
      { ...ask(account('10', perp('p', 'BTC-PERP', '1', '60000'))), market },
      0n,
      0,
    );
    expect(plan).toMatchObject({ closes: [], reached: false });
  });

  it('reaches the target for any account that can, and never flips a position', () => {
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 9000 }), fc.integer({ min: -9, max: 9 }), (cash, eth) => {
        const positions = [perp('a', 'BTC-PERP', '1', '60000')];
        if (eth !== 0) positions.push(perp('b', 'ETH-PERP', `${eth}`, '2000'));
        const plan = planPartialClose(ask(account(`${cash}`, ...positions)), 0n, 0.0005);
        expect(plan.reached).toBe(true);
        for (const position of plan.after.positions) {
          if (position.kind !== 'perp') continue;
          const before = positions.find((each) => each.id === position.id)!;
          expect(position.sizeWad > 0n).toBe(before.sizeWad > 0n);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('liquidation stages', () => {
  const facts = (over: Partial<LiquidationFacts>): LiquidationFacts => ({
    status: 'healthy',
    pricesAllowLiquidation: true,
    partialCloseReaches: true,
    restored: false,
    ...over,
  });
  const timing = { partialTimeoutMs: 60_000 };

  it('goes healthy -> warned -> margin call -> partial liquidation -> auction -> insolvent', () => {
    let state = initialState(NOW);
    const stages: string[] = [];
    const go = (at: number, over: Partial<LiquidationFacts>) => {
      state = nextState(state, facts(over), NOW + at, timing);
      stages.push(state.stage);
    };
    go(1, { status: 'warned' });
    go(2, { status: 'margin-call' });
    go(3, { status: 'liquidatable' });
    go(4, { status: 'margin-call' });
    go(60_003, { status: 'liquidatable' });
    go(60_004, { status: 'margin-call', restored: true });
    go(60_005, { status: 'liquidatable', partialCloseReaches: false });
    go(60_006, { status: 'insolvent' });
    expect(stages).toEqual([
      'warned',
      'margin-call',
      'partial-liquidation',
      'partial-liquidation',
      'auction',
      'margin-call',
      'auction',
      'insolvent',
    ]);
  });

  it('never liquidates on an unknown margin or on prices that may not', () => {
    const called = nextState(initialState(NOW), facts({ status: 'margin-call' }), NOW, timing);
    const unknown = nextState(called, facts({ status: 'unknown' }), NOW + 1, timing);
    expect(unknown).toMatchObject({ stage: 'margin-call', sinceMs: NOW, held: { code: 'margin-unknown' } });
    const barred = nextState(
      called,
      facts({ status: 'liquidatable', pricesAllowLiquidation: false }),
      NOW + 1,
      timing,
    );
    expect(barred).toMatchObject({ stage: 'margin-call', held: { code: 'prices-not-for-liquidation' } });
  });
});

describe('auctions and routes', () => {
  it('lowers the price in two phases and sells no more than restores the buffer', () => {
    const p = auctionSchema.parse({});
    expect([0, 50, 100, 7300, 14_500, 99_999].map((t) => paidFraction(p, t))).toEqual([
      0.98, 0.89, 0.8, 0.4, 0, 0,
    ]);
    const safe = { value: 100, netMaintenance: 60, reserve: 0 };
    expect(largestFraction(safe, 0.9, 0.2)).toBe(0);
    expect(bidAt({ value: 100, netMaintenance: -50, reserve: 0 }, 0.1, 0, p)).toEqual({
      fraction: 0.1,
      price: 9.8,
    });
  });

  it('inverts its price curves', () => {
    expect(secondsToFraction({ kind: 'linear', durationSeconds: 3600 }, 0.75)).toBe(900);
    expect(secondsToFraction({ kind: 'exponential', cut: 0.5 }, 0.25)).toBe(2);
    expect(secondsToFraction({ kind: 'stairstep', cut: 0.5, stepSeconds: 10 }, 0.3)).toBe(20);
    expect(curveFraction({ kind: 'stairstep', cut: 0.5, stepSeconds: 10 }, 19)).toBe(0.5);
    expect(secondsToFraction({ kind: 'exponential', cut: 0.5 }, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('keeps the invariants of its pools', () => {
    const product: Pool = { kind: 'constant-product', base: 1000, quote: 2_000_000, fee: 0.003 };
    const out = sellInto(product, 10);
    expect((1000 + 10 * 0.997) * (2_000_000 - out)).toBeCloseTo(2e9, 3);
    const slope = (sellInto(product, 10.001) - sellInto(product, 9.999)) / 0.002;
    expect(marginalPrice(product, 10)).toBeCloseTo(slope, 5);
    const range: Pool = { kind: 'concentrated', liquidity: 1e5, price: 2000, lowestPrice: 1800, fee: 0.0005 };
    const rangeSlope = (sellInto(range, 5.001) - sellInto(range, 4.999)) / 0.002;
    expect(marginalPrice(range, 5)).toBeCloseTo(rangeSlope, 4);
  });

  it('splits a sale so that no pool and no auction would pay more for the last unit', () => {
    const pools: Pool[] = [
      { kind: 'constant-product', base: 1000, quote: 2_000_000, fee: 0.003 },
      { kind: 'concentrated', liquidity: 1e5, price: 2001, lowestPrice: 1500, fee: 0.0005 },
    ];
    const route = cheapestRoute(pools, 400, 1900, 2000);
    expect(route.amounts.reduce((sum, each) => sum + each, route.auction)).toBeCloseTo(400, 6);
    expect(route.auction).toBeGreaterThan(0);
    expect(marginalPrice(pools[0]!, route.amounts[0]!)).toBeCloseTo(1900, 4);
    expect(marginalPrice(pools[1]!, route.amounts[1]!)).toBeCloseTo(1900, 4);
    const small = cheapestRoute(pools, 5, 1900, 2000);
    expect(small.auction).toBeCloseTo(0, 6);
    expect(small.impact).toBeLessThan(0.01);
  });

  it('shares losses: the fund first, then by size, never a wad short', () => {
    expect(coverLoss(100n, 30n)).toEqual({ fromFundWad: 30n, socialisedWad: 70n });
    expect(coverLoss(100n, -5n)).toEqual({ fromFundWad: 0n, socialisedWad: 100n });
    const perBase = perpLossPerBase(wad('100'), wad('7'), wad('-4'));
    expect(perBase * 11n).toBeGreaterThanOrEqual(wad('100'));
    expect((perBase - 1n) * 11n).toBeLessThan(wad('100'));
    expect(() => perpLossPerBase(WAD, 0n, 0n)).toThrow(/^openInterest/);
    expect(() =>
      bankruptcyPrice(
        { netCollateral: 1n, totalMaintenance: 1n },
        { size: 1n, notional: 1n, maintenance: 1n },
        1n,
      ),
    ).toThrow(/^closed/);
  });
});
