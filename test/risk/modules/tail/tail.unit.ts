import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FactorHistory } from '../../../../risk/market/factor-history.ts';
import type { MarketSnapshot } from '../../../../risk/market/market-data.ts';
import type { AnyMarket } from '../../../../risk/modules/module.ts';
import { tailModule } from '../../../../risk/modules/tail/module.ts';
import { defaultProbability } from '../../../../risk/modules/tail/shortfall.ts';
import type { AnyPortfolio, AnyPosition } from '../../../../risk/portfolio/portfolio.ts';
import { inverseNormal } from '../../../../risk/statistics/normal.ts';
import { seededUniform } from '../../../../risk/statistics/sequence.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../../risk/units/wad.ts';
import { account, collateral, MARKETS, NOW, perp, snapshot, view } from '../../fixtures.ts';

const DAY = 86_400_000;
const EXPIRY = NOW + 30 * DAY;
const markets = new Map<string, AnyMarket>(MARKETS);
markets.set('PUT', {
  id: 'PUT',
  kind: 'option',
  asset: 'ETH',
  feedId: 'ETH-USD',
  strikeWad: wad('2000'),
  expiryMs: EXPIRY,
  isCall: false,
});

/** 400 days of correlated returns, volatility 2 % forecast on each; the stressed period has -20 % days. */
function historyOf(over: Partial<FactorHistory> = {}): FactorHistory {
  const uniform = seededUniform(42);
  const draw = () => inverseNormal(uniform() + 2 ** -34);
  const rows = Array.from({ length: 400 }, (_, i) => {
    const common = draw();
    const move = () => 0.02 * (0.9 * common + 0.44 * draw());
    return { tsMs: NOW - (400 - i) * DAY, returns: [move(), move()], volatilities: [0.02, 0.02] };
  });
  const stressed = [-0.2, 0.1, -0.05, 0.02].map((r, i) => ({
    tsMs: NOW - (900 - i) * DAY,
    returns: [r, r],
    volatilities: [0.05, 0.05],
  }));
  return { assets: ['BTC', 'ETH'], horizonHours: 24, asOfMs: NOW, rows, stressed, ...over };
}
/** Forecast whose 75 % quantile (1.3 times the median) is `sigma`. */
const today = (asset: string, sigma: number, over = {}) => view(asset, sigma / 1.3, over);
function marketOf(sigma: number, over: Partial<MarketSnapshot> = {}): MarketSnapshot {
  const expiry = {
    asOfMs: NOW,
    forward: 2000,
    settlementForward: null,
    rate: 0,
    smile: [{ strike: 2000, volatility: 0.8 }],
    forwardConfidence: 1,
    rateConfidence: 1,
    volatilityConfidence: 1,
  };
  return {
    ...snapshot(),
    volatility: new Map(['BTC', 'ETH'].map((asset) => [asset, new Map([[24, today(asset, sigma)]])])),
    history: historyOf(),
    options: new Map([['ETH', new Map([[EXPIRY, expiry]])]]),
    ...over,
  };
}
const p = tailModule.parseParameters({
  spread: 0,
  impact: 0,
  assets: { USDC: { constant: true, haircut: 0.02 } },
});
const margin = (portfolio: AnyPortfolio, at = marketOf(0.02), q = p) =>
  tailModule.calculate(portfolio, markets, at, q);
const long = account('10000', perp('p', 'BTC-PERP', '1', '60000'));

/** Mean of the ceil(n tail) worst of a sample of PnLs. */
const worstMean = (pnl: readonly number[], tail: number) => {
  const sorted = [...pnl].sort((a, b) => a - b).slice(0, Math.ceil(pnl.length * tail - 1e-9));
  return sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
};

describe('tail module', () => {
  it('is the mix of filtered and stressed expected shortfall, the forecast scaling the past', () => {
    const pnl = (scale: number) =>
      historyOf().rows.map((row) => 60000 * (Math.exp(row.returns[0]! * scale) - 1));
    const stress = 60000 * (1 - Math.exp(-0.2));
    const calm = margin(long);
    const mixed = -0.75 * worstMean(pnl(1), 0.01) + 0.25 * stress;
    expect(wadToFloat(calm.initialRequirementWad)).toBeCloseTo(mixed, 6);
    const wild = margin(long, marketOf(0.05));
    const doubled = -0.75 * worstMean(pnl(2.5), 0.01) + 0.25 * stress;
    expect(wadToFloat(wild.initialRequirementWad)).toBeCloseTo(doubled, 6);
  });

  it('keeps the long run as a floor when the forecast is calm', () => {
    const q = tailModule.parseParameters({ spread: 0, impact: 0, stressWeight: 0 });
    const floor = margin(long, marketOf(0.02), q).initialRequirementWad;
    expect(margin(long, marketOf(0.001), q).initialRequirementWad).toBe(floor);
  });

  it('charges the cost of closing by size and depth', () => {
    const q = tailModule.parseParameters({
      spread: 0.001,
      impact: 0.1,
      depth: 6_000_000,
      assets: { BTC: {} },
    });
    const costs = margin(long, marketOf(0.02), q).lines.find((line) => line.term === 'liquidity')!;
    expect(wadToFloat(costs.maintenanceWad)).toBeCloseTo(60000 * (0.001 + 0.1 * Math.sqrt(0.01)), 8);
  });

  it('lets correlated hedges and bought puts save', () => {
    const put: AnyPosition = { kind: 'option', id: 'o', market: 'PUT', sizeWad: wad('30'), chain: null };
    const eth = perp('e', 'ETH-PERP', '30', '2000');
    const alone = margin(account('0', eth)).initialRequirementWad;
    const shortBtc = margin(account('0', eth, perp('p', 'BTC-PERP', '-1', '60000'))).initialRequirementWad;
    const hedged = margin({ accountId: 'a', cashWad: 0n, positions: [eth, put] });
    expect(shortBtc).toBeLessThan(alone);
    expect(hedged.initialRequirementWad).toBeLessThan(alone);
    const [, delta] = hedged.sensitivities;
    expect(delta!.delta).toBeLessThan(0);
    expect(delta!.initialSlope).not.toBe(0);
  });

  it.each([
    ['history-missing', { history: historyOf({ assets: ['ETH', 'SOL'] }) }],
    ['history-stale', { history: historyOf({ asOfMs: NOW - 3 * DAY }) }],
    ['history-short', { history: historyOf({ rows: historyOf().rows.slice(0, 100) }) }],
    ['forecast-missing', { volatility: new Map() }],
    [
      'forecast-stale',
      { volatility: new Map([['BTC', new Map([[24, today('BTC', 0.02, { asOfMs: NOW - DAY })]])]]) },
    ],
  ])('fails positions with %s instead of guessing', (code, over) => {
    const result = margin(long, marketOf(0.02, over));
    expect(result.status).toBe('unknown');
    expect(result.failures[0]!.reason.code).toBe(code);
  });

  it('does not let a limited forecast calm it, and says when no stressed period is there', () => {
    const limitations = [{ code: 'drift', message: 'drifting' }];
    const limited = new Map([
      ['BTC', new Map([[24, today('BTC', 0.01, { limitations, referenceVariance: 0.03 ** 2 })]])],
    ]);
    const more = margin(long, marketOf(0.02, { volatility: limited }));
    expect(more.initialRequirementWad).toBeGreaterThan(margin(long).initialRequirementWad);
    const unstressed = margin(long, marketOf(0.02, { history: historyOf({ stressed: [] }) }));
    expect(unstressed.reasons.map((reason) => reason.code)).toContain('stress-missing');
  });

  it('holds stablecoins constant and asks for the history of the rest', () => {
    const book = account('0', collateral('c', 'USDC', '100'), perp('p', 'BTC-PERP', '1', '60000'));
    expect(wadToFloat(margin(account('0', collateral('c', 'USDC', '100'))).netInitialWad)).toBe(98);
    expect(tailModule.requirements(book, markets, p)).toEqual({
      feeds: ['BTC-USD', 'USDC-USD'],
      volatility: [{ asset: 'BTC', horizonHours: 24 }],
      history: { assets: ['BTC'], horizonHours: 24, quantile: 0.75 },
    });
  });

  it('counts defaults', () => {
    expect(defaultProbability(Float64Array.of(-10, -5, 0, 5), 6, 0)).toBe(0.25);
    expect(defaultProbability(Float64Array.of(-10, -5, 0, 5), 6, 2)).toBe(0.5);
    expect(defaultProbability(new Float64Array(0), 1, 0)).toBeNull();
  });

  const positions = fc.record({
    btc: fc.integer({ min: -5, max: 5 }),
    eth: fc.integer({ min: -90, max: 90 }),
    puts: fc.integer({ min: -40, max: 40 }),
    coins: fc.integer({ min: 0, max: 20 }),
  });
  const bookOf = ({
    btc,
    eth,
    puts,
    coins,
  }: {
    btc: number;
    eth: number;
    puts: number;
    coins: number;
  }): AnyPortfolio => ({
    accountId: 'a',
    cashWad: wad('5000'),
    positions: [
      ...(btc === 0 ? [] : [perp('b', 'BTC-PERP', `${btc}`, '59000')]),
      ...(eth === 0 ? [] : [perp('e', 'ETH-PERP', `${eth}`, '2100')]),
      ...(puts === 0
        ? []
        : [{ kind: 'option' as const, id: 'o', market: 'PUT', sizeWad: wad(`${puts}`), chain: null }]),
      ...(coins === 0 ? [] : [collateral('c', 'ETH', `${coins}`)]),
    ],
  });

  it('adds up, keeps MM under IM, ignores order and agrees with its revaluation', () => {
    const q = tailModule.parseParameters({});
    fc.assert(
      fc.property(positions, (drawn) => {
        const portfolio = bookOf(drawn);
        const result = margin(portfolio, marketOf(0.03), q);
        expect(result.lines.reduce((sum, line) => sum + line.initialWad, 0n)).toBe(
          result.initialRequirementWad,
        );
        expect(result.netInitialWad <= result.netMaintenanceWad + 1000n).toBe(true);
        const turned = margin(
          { ...portfolio, positions: [...portfolio.positions].reverse() },
          marketOf(0.03),
          q,
        );
        expect(turned).toEqual(result);
        const revaluer = tailModule.revaluer(portfolio, markets, marketOf(0.03), q);
        const ones = new Float64Array(revaluer.assets.length).fill(1);
        const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
        revaluer.evaluate(ones, ones, ones, out);
        expect(out.equity).toBeCloseTo(wadToFloat(result.equityWad), 6);
        expect(out.initialRequirement).toBeCloseTo(wadToFloat(result.initialRequirementWad), 6);
        expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(result.maintenanceRequirementWad), 6);
      }),
      { numRuns: 25 },
    );
  });
});
