import { describe, expect, it } from 'vitest';
import { largestCashWithdrawal, largestCollateralWithdrawal } from '../../../risk/capacity/capacity.ts';
import { acrossModule } from '../../../risk/cross-chain/across-module.ts';
import { DEFAULT_HAIRCUT } from '../../../risk/cross-chain/haircut.ts';
import { closablesOf } from '../../../risk/liquidation/close.ts';
import { liquidationPrices } from '../../../risk/liquidation/liquidation-price.ts';
import { findModule } from '../../../risk/modules/registry.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { uniformCorrelation } from '../../../risk/predicted/correlation.ts';
import { predictMargin } from '../../../risk/predicted/predict.ts';
import { wadFromDecimal, wadToFloat } from '../../../risk/units/wad.ts';
import { collateral, MARKETS, perp, snapshot } from '../fixtures.ts';

const market = snapshot();
const LINK = { finalitySeconds: 900, messageSeconds: 60, trustWeight: 0.9 };
const CUT = { code: 'chain-unavailable', message: 'gone' };
const own = findModule('standard', '1.0.0');
const over = (cut: readonly string[] = []) =>
  acrossModule(own, {
    states: ['a', 'b'].map((chain) => ({ chain, link: LINK, cut: cut.includes(chain) ? CUT : null })),
    haircut: DEFAULT_HAIRCUT,
    failures: [],
  });
const portfolio: AnyPortfolio = {
  accountId: 'x',
  cashWad: wadFromDecimal('4000'),
  cashOn: new Map([['a', wadFromDecimal('3000')]]),
  positions: [
    { ...collateral('c', 'ETH', '10'), chain: 'a' },
    { ...perp('p', 'BTC-PERP', '0.2', '65000'), chain: 'b' },
    { ...perp('q', 'ETH-PERP', '-2', '3100'), chain: 'a' },
  ],
};
const question = (cut: readonly string[] = [], book = portfolio) => ({
  module: over(cut),
  parameters: own.defaultParameters,
  portfolio: book,
  markets: MARKETS,
  market,
});
const marginOf = (cut: readonly string[] = [], book = portfolio) =>
  over(cut).calculate(book, MARKETS, market, own.defaultParameters);

describe('a module over several chains', () => {
  it('revalues as it calculates, with the buffers in force', () => {
    const { module, parameters } = question();
    const now = marginOf();
    const revaluer = module.revaluer(portfolio, MARKETS, market, parameters);
    const factors = (key: 'initialFactor' | 'maintenanceFactor') =>
      Float64Array.from(
        revaluer.assets,
        (asset) => now.buffers.find((view) => view.asset === asset)?.[key] ?? 1,
      );
    const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
    const still = new Float64Array(revaluer.assets.length).fill(1);
    revaluer.evaluate(still, factors('initialFactor'), factors('maintenanceFactor'), out);
    expect(out.equity).toBeCloseTo(wadToFloat(now.equityWad), 9);
    expect(out.initialRequirement).toBeCloseTo(wadToFloat(now.initialRequirementWad), 6);
    expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(now.maintenanceRequirementWad), 6);
    // Twice the factor is more of a requirement, and so more that is haircut.
    revaluer.evaluate(
      still,
      factors('initialFactor').map((f) => 2 * f),
      factors('maintenanceFactor'),
      out,
    );
    expect(out.initialRequirement).toBeGreaterThan(wadToFloat(now.initialRequirementWad));
    expect(out.equity).toBeLessThan(wadToFloat(now.equityWad));
  });

  it('finds the liquidation price at which its own net maintenance margin is 0, nearer while a chain is cut off', () => {
    const long = {
      ...portfolio,
      positions: [...portfolio.positions, { ...perp('r', 'BTC-PERP', '0.8', '60000'), chain: 'b' }],
    };
    const [near, far] = [liquidationPrices(question(['a'], long)), liquidationPrices(question([], long))];
    const down = far.byAsset.get('BTC')!.down!;
    const moved = new Map(market.prices);
    const price = moved.get('BTC-USD')!;
    const at = (multiplier: number) => {
      const priceWad = BigInt(Math.round(Number(price.priceWad) * multiplier));
      moved.set('BTC-USD', { ...price, priceWad });
      const { netMaintenanceWad } = over().calculate(
        long,
        MARKETS,
        { ...market, prices: moved },
        own.defaultParameters,
      );
      return wadToFloat(netMaintenanceWad);
    };
    expect(at(down * 1.001)).toBeGreaterThan(0);
    expect(at(down * 0.999)).toBeLessThan(0);
    const alone = liquidationPrices({ ...question([], long), module: own }).byAsset.get('BTC')!.down;
    expect(alone === null || alone < down).toBe(true);
    expect(near.byAsset.get('BTC')!.already || near.byAsset.get('BTC')!.down! > down).toBe(true);
  });

  it('lets nothing be taken from a chain that is cut off, nor be closed there', () => {
    const rich = { ...portfolio, cashWad: wadFromDecimal('90000') };
    expect(largestCollateralWithdrawal(question([], rich), 'c')).toBe(wadFromDecimal('10'));
    expect(largestCollateralWithdrawal(question(['a'], rich), 'c')).toBe(0n);
    // 3,000 of the cash lie there.
    expect(wadToFloat(largestCashWithdrawal(question(['a'], rich)))).toBeLessThanOrEqual(87_000);
    const ids = (cut: readonly string[]) => closablesOf(question(cut)).map(({ position }) => position.id);
    expect([ids([]), ids(['a'])]).toEqual([['p', 'q'], ['p']]);
  });

  it('predicts its own margin: no better while a chain is cut off', () => {
    const ask = {
      horizonHours: 24,
      quantile: 0.95,
      correlation: uniformCorrelation(['BTC', 'ETH', 'USDC'], 0.8),
      paths: 64,
      steps: 2,
    };
    const [whole, cut] = [
      predictMargin({ ...question(), ...ask }),
      predictMargin({ ...question(['a']), ...ask }),
    ];
    expect(cut.netMaintenance.quantileWad < whole.netMaintenance.quantileWad).toBe(true);
    expect(cut.breachProbability!).toBeGreaterThanOrEqual(whole.breachProbability!);
  });

  it('counts the cost of closing for its status, as on one chain', () => {
    const now = marginOf();
    const alone = own.calculate(portfolio, MARKETS, market, own.defaultParameters);
    expect(alone.liquidationCostWad! > 0n).toBe(true);
    expect(now.liquidationCostWad).toBe(alone.liquidationCostWad);
    // Equity above 0, but less than closing costs: insolvent on one chain, and so over several.
    const poor: AnyPortfolio = {
      accountId: 'x',
      cashWad: 0n,
      cashOn: new Map(),
      positions: [{ ...perp('p', 'BTC-PERP', '10', '59999'), chain: 'b' }],
    };
    const one = own.calculate(poor, MARKETS, market, own.defaultParameters);
    expect([one.equityWad > 0n, one.status]).toEqual([true, 'insolvent']);
    const several = marginOf([], poor);
    expect([several.equityWad > 0n, several.status]).toEqual([true, 'insolvent']);
    // The haircut alone takes equity below that cost: the status says so, although the module on one chain does not.
    const cost = wadToFloat(alone.liquidationCostWad!);
    expect(cost).toBeGreaterThan(0);
    const levels = [100, 1000, 3000, 10_000, 20_000, 25_000].map((dollars) => {
      const cash = wadFromDecimal(String(dollars));
      const book: AnyPortfolio = {
        accountId: 'x',
        cashWad: cash,
        cashOn: new Map([['a', cash]]),
        positions: [{ ...perp('p', 'BTC-PERP', '10', '60000'), chain: 'b' }],
      };
      const { equityWad, liquidationCostWad, netMaintenanceWad, status } = marginOf([], book);
      return { below: netMaintenanceWad < 0n, short: equityWad < liquidationCostWad!, status };
    });
    for (const { below, short, status } of levels) {
      if (below) expect(status).toBe(short ? 'insolvent' : 'liquidatable');
    }
    expect(new Set(levels.map(({ status }) => status)).size).toBeGreaterThan(1);
  });
});
