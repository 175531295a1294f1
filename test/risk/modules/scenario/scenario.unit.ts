import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MarketSnapshot } from '../../../../risk/market/market-data.ts';
import type { AnyMarket, RiskModule } from '../../../../risk/modules/module.ts';
import type { ScenarioAccount } from '../../../../risk/modules/scenario/account.ts';
import { scenarioModuleV1, scenarioModuleV2 } from '../../../../risk/modules/scenario/module.ts';
import type { ScenarioCommon } from '../../../../risk/modules/scenario/module-parameters.ts';
import { scenarioMarginV1 } from '../../../../risk/modules/scenario/v1.ts';
import { scenarioMarginV2, splitForward } from '../../../../risk/modules/scenario/v2.ts';
import type { AnyPortfolio, AnyPosition } from '../../../../risk/portfolio/portfolio.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../../risk/units/wad.ts';
import { collateral, MARKETS, NOW, perp, price, refused, snapshot, withPrice } from '../../fixtures.ts';

const DAYS = [7, 45];
const STRIKES = [1500, 2000, 2400];
const expiryOf = (days: number) => NOW + days * 86_400_000;
const markets = new Map<string, AnyMarket>(MARKETS);
for (const days of DAYS) {
  for (const strike of STRIKES) {
    for (const isCall of [true, false]) {
      const id = `ETH-${days}-${strike}-${isCall ? 'C' : 'P'}`;
      const strikeWad = wad(`${strike}`);
      markets.set(id, {
        id,
        kind: 'option',
        asset: 'ETH',
        feedId: 'ETH-USD',
        strikeWad,
        expiryMs: expiryOf(days),
        isCall,
      });
    }
  }
}
const data = (days: number) => ({
  asOfMs: NOW,
  forward: 2000 + days,
  settlementForward: null,
  rate: 0.05,
  smile: STRIKES.map((strike, i) => ({ strike, volatility: 0.8 - 0.05 * i })),
  forwardConfidence: 1,
  rateConfidence: 1,
  volatilityConfidence: 0.5,
});
const market: MarketSnapshot = {
  ...withPrice(snapshot(), price('ETH-USD', '2000', { confidenceScore: 0.9 })),
  options: new Map([['ETH', new Map(DAYS.map((days) => [expiryOf(days), data(days)]))]]),
};

const off = { buffered: false };
const v1 = scenarioModuleV1.parseParameters(off);
const v2 = scenarioModuleV2.parseParameters(off);

interface Leg {
  readonly days: number;
  readonly strike: number;
  readonly isCall: boolean;
  readonly size: number;
}
const legArbitrary: fc.Arbitrary<Leg> = fc.record({
  days: fc.constantFrom(...DAYS),
  strike: fc.constantFrom(...STRIKES),
  isCall: fc.boolean(),
  size: fc.integer({ min: -20, max: 20 }).filter((size) => size !== 0),
});
const book = fc.record({
  legs: fc.array(legArbitrary, { maxLength: 8 }),
  perps: fc.integer({ min: -30, max: 30 }),
  eth: fc.integer({ min: 0, max: 30 }),
});
type Book = typeof book extends fc.Arbitrary<infer T> ? T : never;

function portfolioOf({ legs, perps, eth }: Book): AnyPortfolio {
  const positions: AnyPosition[] = legs.map((leg, i) => ({
    kind: 'option',
    id: `o${i}`,
    market: `ETH-${leg.days}-${leg.strike}-${leg.isCall ? 'C' : 'P'}`,
    sizeWad: wad(`${leg.size}`),
    chain: null,
  }));
  if (perps !== 0) positions.push(perp('p', 'ETH-PERP', `${perps}`, '1900'));
  if (eth !== 0) positions.push(collateral('c', 'ETH', `${eth}`));
  return { accountId: 'a', cashWad: wad('12345'), positions };
}

function coreOf({ legs, perps, eth }: Book, haircuts: boolean): ScenarioAccount {
  return {
    cash: 12345,
    spot: 2000,
    spotConfidence: 0.9,
    perps,
    perpPrice: 2000,
    perpConfidence: 0.9,
    unrealisedPnl: perps * 100,
    unsettledFunding: 0,
    stablePrice: 1,
    collateral:
      eth === 0
        ? []
        : [
            {
              id: 'c',
              value: eth * 2000,
              riskCancelling: true,
              maintenanceHaircut: haircuts ? 0.1 : 0,
              initialHaircut: haircuts ? 0.05 : 0,
              confidence: 0.9,
            },
          ],
    expiries: DAYS.map((days) => ({
      ...data(days),
      tau: days / 365,
      ...splitForward(data(days).forward, days / 365),
      legs: legs
        .filter((leg) => leg.days === days)
        .map((leg) => ({
          strike: leg.strike,
          isCall: leg.isCall,
          amount: leg.size,
          volatility: 0.8 - 0.05 * STRIKES.indexOf(leg.strike),
        })),
    })),
  };
}

const cases: [string, RiskModule<ScenarioCommon>, ScenarioCommon][] = [
  ['1.0.0', scenarioModuleV1 as unknown as RiskModule<ScenarioCommon>, v1],
  ['2.0.0', scenarioModuleV2 as unknown as RiskModule<ScenarioCommon>, v2],
];

describe.each(cases)('scenario module %s', (version, module, p) => {
  const margin = (portfolio: AnyPortfolio, at = market) => module.calculate(portfolio, markets, at, p);

  it('is the version’s formula on one underlying, and its lines add up', () => {
    fc.assert(
      fc.property(book, (drawn) => {
        const result = margin(portfolioOf(drawn));
        const core =
          version === '2.0.0'
            ? scenarioMarginV2(coreOf(drawn, true), v2.grid)
            : scenarioMarginV1(coreOf(drawn, false), v1.grid);
        // version 1 has no haircut of its own: the module adds its collateral table
        const haircut = version === '2.0.0' ? 0 : drawn.eth * 2000;
        expect(wadToFloat(result.netMaintenanceWad)).toBeCloseTo(core.netMaintenance - haircut * 0.1, 6);
        expect(wadToFloat(result.netInitialWad)).toBeCloseTo(core.netInitial - haircut * 0.15, 6);
        const sum = result.lines.reduce((total, line) => total + line.initialWad, 0n);
        expect(sum).toBe(result.initialRequirementWad);
        expect(result.netInitialWad <= result.netMaintenanceWad).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('puts collateral on the grid with or without a derivative beside it', () => {
    const coins = margin({ accountId: 'a', cashWad: 0n, positions: [collateral('c', 'ETH', '10')] });
    const speck = perp('p', 'ETH-PERP', '0.000001', '2000');
    const with1 = margin({ accountId: 'a', cashWad: 0n, positions: [collateral('c', 'ETH', '10'), speck] });
    const gap = wadToFloat(with1.initialRequirementWad - coins.initialRequirementWad);
    expect(Math.abs(gap)).toBeLessThan(0.01);
  });

  it('does not depend on order and agrees with its revaluation', () => {
    fc.assert(
      fc.property(book, (drawn) => {
        const portfolio = portfolioOf(drawn);
        const exact = margin(portfolio);
        const turned = margin({ ...portfolio, positions: [...portfolio.positions].reverse() });
        expect(turned.initialRequirementWad).toBe(exact.initialRequirementWad);
        expect(turned.lines).toEqual(exact.lines);
        const out = { equity: 0, initialRequirement: 0, maintenanceRequirement: 0 };
        const ones = Float64Array.of(1);
        module.revaluer(portfolio, markets, market, p).evaluate(ones, ones, ones, out);
        expect(out.equity).toBeCloseTo(wadToFloat(exact.equityWad), 6);
        expect(out.initialRequirement).toBeCloseTo(wadToFloat(exact.initialRequirementWad), 6);
        expect(out.maintenanceRequirement).toBeCloseTo(wadToFloat(exact.maintenanceRequirementWad), 6);
      }),
      { numRuns: 40 },
    );
  });

  it('scales scenario losses with the book', () => {
    fc.assert(
      fc.property(book, fc.integer({ min: 2, max: 9 }), (drawn, k) => {
        const lossOf = (given: Book) =>
          margin(portfolioOf(given))
            .lines.filter((line) => line.term === 'scenario-loss')
            .reduce((sum, line) => sum + wadToFloat(line.maintenanceWad), 0);
        const larger = {
          legs: drawn.legs.map((leg) => ({ ...leg, size: leg.size * k })),
          perps: drawn.perps * k,
          eth: drawn.eth * k,
        };
        expect(lossOf(larger)).toBeCloseTo(k * lossOf(drawn), 5);
      }),
      { numRuns: 30 },
    );
  });

  it('gives options the slope of their loss lines when spot and forward move together', () => {
    const option = (id: string, name: string, size: string): AnyPosition => {
      return { kind: 'option', id, market: `ETH-${name}`, sizeWad: wad(size), chain: null };
    };
    const account = {
      accountId: 'a',
      cashWad: 0n,
      positions: [
        option('call', '45-2000-C', '10'),
        option('put', '7-1500-P', '-4'),
        option('up', '45-2400-C', '-3'),
      ],
    };
    const movedBy = (scale: number): MarketSnapshot => ({
      ...withPrice(market, price('ETH-USD', String(2000 * scale), { confidenceScore: 0.9 })),
      options: new Map([
        ['ETH', new Map(DAYS.map((d) => [expiryOf(d), { ...data(d), forward: data(d).forward * scale }]))],
      ]),
    });
    const [up, down] = [margin(account, movedBy(1.001)), margin(account, movedBy(0.999))];
    const worst = (result: typeof up) => result.worstScenarios![0]!.scenario;
    expect(worst(up)).toBe(worst(down));
    const slopeOf = (id: string, key: 'initialWad' | 'maintenanceWad') => {
      const lossOf = ({ lines }: typeof up) =>
        wadToFloat(lines.find((each) => each.positionId === id && each.term === 'scenario-loss')![key]);
      return (lossOf(up) - lossOf(down)) / 4;
    };
    const { sensitivities } = margin(account);
    expect(sensitivities.map((each) => each.positionId).sort()).toEqual(['call', 'put', 'up']);
    for (const { positionId, initialSlope, maintenanceSlope } of sensitivities) {
      expect(initialSlope).toBeCloseTo(slopeOf(positionId, 'initialWad'), 4);
      expect(maintenanceSlope).toBeCloseTo(slopeOf(positionId, 'maintenanceWad'), 4);
    }
  });

  it('lets a hedge save and a failed price make it unknown', () => {
    const long = perp('p', 'ETH-PERP', '10', '2000');
    const put: AnyPosition = {
      kind: 'option',
      id: 'o',
      market: 'ETH-45-2000-P',
      sizeWad: wad('10'),
      chain: null,
    };
    const alone = margin({ accountId: 'a', cashWad: 0n, positions: [long] });
    const hedged = margin({ accountId: 'a', cashWad: 0n, positions: [long, put] });
    expect(hedged.maintenanceRequirementWad).toBeLessThan(alone.maintenanceRequirementWad);
    const blind = margin(
      { accountId: 'a', cashWad: 0n, positions: [long, put] },
      withPrice(market, refused('ETH-USD', '2000')),
    );
    expect(blind.status).toBe('unknown');
    expect(blind.failures.map((failure) => failure.positionId).sort()).toEqual(['o', 'p']);
  });
});

describe('scenario module with the buffer', () => {
  it('widens the price range by the factor in force', () => {
    const p = scenarioModuleV2.parseParameters({
      grid: { contingency: { maintenancePerp: 0, initialPerp: 0 } },
    });
    const long = { accountId: 'a', cashWad: 0n, positions: [perp('p', 'BTC-PERP', '1', '60000')] };
    const result = scenarioModuleV2.calculate(long, markets, market, p);
    // worst of the grid: 15 % x 1.25 of 60,000, maintenance takes 80 % of it
    expect(wadToFloat(result.initialRequirementWad)).toBeCloseTo(60000 * 0.15 * 1.25, 6);
    expect(wadToFloat(result.maintenanceRequirementWad)).toBeCloseTo(60000 * 0.15 * 1.25 * 0.8, 6);
    const [worst] = result.worstScenarios!;
    expect(worst).toMatchObject({ asset: 'BTC', scenario: 'spot x0.8125, volatility up' });
    expect(wadToFloat(worst!.lossWad)).toBeCloseTo(60000 * 0.1875, 6);
  });

  it('counts a liquid-staking token on the grid of its coin when told so', () => {
    const cancels = scenarioModuleV2.parseParameters({
      assets: { SOL: { riskCancels: 'ETH' } },
      buffered: false,
    });
    const alone = scenarioModuleV2.parseParameters({
      assets: { SOL: { riskCancels: null } },
      buffered: false,
    });
    const short = {
      accountId: 'a',
      cashWad: 0n,
      positions: [perp('p', 'ETH-PERP', '-1', '2000'), collateral('c', 'SOL', '10')],
    };
    const net = (p: typeof cancels) =>
      scenarioModuleV2.calculate(short, markets, market, p).netMaintenanceWad;
    expect(net(cancels)).toBeGreaterThan(net(alone));
  });
});
