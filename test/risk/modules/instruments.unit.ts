import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { MarketSnapshot } from '../../../risk/market/market-data.ts';
import type { AnyMarket, MarginResult } from '../../../risk/modules/module.ts';
import { listModules } from '../../../risk/modules/registry.ts';
import { inversePnl } from '../../../risk/modules/scenario/bucket-grid.ts';
import { scenarioModuleV2 } from '../../../risk/modules/scenario/module.ts';
import { standardModule } from '../../../risk/modules/standard/module.ts';
import type { AnyPortfolio } from '../../../risk/portfolio/portfolio.ts';
import { validatePortfolio } from '../../../risk/portfolio/validate.ts';
import { wadFromDecimal as wad, wadToFloat } from '../../../risk/units/wad.ts';
import { collateral, NOW, perp, price, refused, snapshot, withPrice } from '../fixtures.ts';
import { book, btc, expiry, future, markets, option, withData } from './instrument-fixtures.ts';

const standard = standardModule.parseParameters({ buffered: false });
const scenario = scenarioModuleV2.parseParameters({ buffered: false });
const byStandard = (portfolio: AnyPortfolio, market = withData()) =>
  standardModule.calculate(portfolio, markets, market, standard);
const byScenario = (portfolio: AnyPortfolio, market = withData()) =>
  scenarioModuleV2.calculate(portfolio, markets, market, scenario);
const sumOf = (result: MarginResult, term: string, key: 'equityWad' | 'initialWad' = 'initialWad') =>
  wadToFloat(result.lines.reduce((sum, each) => sum + (each.term === term ? each[key] : 0n), 0n));

describe('coin-settled perps', () => {
  it('value size (1/entry - 1/mark) coins at the index, with the delta of the coins that they are', () => {
    const result = byStandard(book('0', perp('p', 'BTC-INV', '60000', '50000')));
    // 60000 contracts from 50000: 1.2 - 1 = 0.2 BTC at 60000
    expect(result.equityWad).toBe(wad('12000'));
    expect(result.sensitivities[0]!.delta).toBeCloseTo(1.2, 12);
    // 6.5 % of 60000 / 60000 BTC at 60000; it does not move with spot
    expect(result.initialRequirementWad).toBe(wad('3900'));
    expect(result.sensitivities[0]!.initialSlope).toBe(0);
    const short = byStandard(book('0', perp('p', 'BTC-INV', '-60000', '50000')));
    expect(short.equityWad).toBe(wad('-12000'));
    const apart = byStandard(book('0', perp('p', 'BTC-INV-OWN', '60300', '60000')));
    // 1.005 - 1 BTC at the index of 60000; the charge is on 1 BTC
    expect(wadToFloat(apart.equityWad)).toBeCloseTo(300, 10);
    expect(wadToFloat(apart.initialRequirementWad)).toBeCloseTo(3900, 10);
  });

  it('round against the account on both sides, and take funding in coins', () => {
    const long = byStandard(book('0', perp('p', 'BTC-INV', '1', '70000')));
    const short = byStandard(book('0', perp('p', 'BTC-INV', '-1', '70000')));
    expect(long.equityWad + short.equityWad).toBe(-1n);
    const funded = perp('p', 'BTC-INV', '60000', '60000', { unsettledFundingWad: wad('-0.01') });
    const result = byStandard(book('0', funded));
    expect(result.equityWad).toBe(wad('-600'));
    expect(result.sensitivities[0]!.delta).toBeCloseTo(0.99, 12);
  });

  it('lose what the bucket grid of the venue says, at the shocked index', () => {
    // Deribit: PnL in coins = size (1 - 1/(1 + x)), size in coins at the mark
    for (const x of [-0.16, -0.12, -0.04, 0.04, 0.16]) {
      const moved = withPrice(withData(), price('BTC-USD', (60_000 * (1 + x)).toFixed(2)));
      for (const size of ['18872.30184', '-6000']) {
        const coins = Number(size) / 60_000;
        const held = byStandard(book('0', perp('p', 'BTC-INV', size, '60000')), moved);
        expect(wadToFloat(held.equityWad)).toBeCloseTo(inversePnl(coins, x) * 60_000 * (1 + x), 8);
      }
    }
  });

  it('make a synthetic dollar of a coin: no delta, no loss on the grid', () => {
    const result = byScenario(
      book('0', collateral('c', 'BTC', '1'), perp('p', 'BTC-INV', '-60000', '60000')),
    );
    expect(wadToFloat(result.worstScenarios![0]!.lossWad)).toBeCloseTo(0, 9);
    expect(result.sensitivities.reduce((sum, each) => sum + each.delta, 0)).toBeCloseTo(0, 12);
  });

  it('without an entry price are a failure of their own, and refused from outside', () => {
    const odd = book('5', perp('p', 'BTC-INV', '1', '0'), perp('q', 'BTC-INV', '60000', '60000'));
    const result = byStandard(odd);
    expect(result.failures.map(({ positionId, reason }) => [positionId, reason.code])).toEqual([
      ['p', 'entry-price-invalid'],
    ]);
    expect(result.equityWad).toBe(wad('5'));
    expect(() => validatePortfolio(odd, markets)).toThrow(/^positions\[0\]\.entryPrice/);
  });
});

describe('dated futures', () => {
  it('are marked at the forward of their expiry, or at their own feed', () => {
    const result = byStandard(book('0', future('f', 'BTC-F', '2', '61000')));
    expect(result.equityWad).toBe(wad('1000'));
    expect(sumOf(result, 'future-margin')).toBeCloseTo(2 * 61_500 * 0.065, 8);
    expect(result.sensitivities[0]!.delta).toBeCloseTo((2 * 61_500) / 60_000, 12);
    expect(byStandard(book('0', future('f', 'BTC-F-OWN', '2', '61000'))).equityWad).toBe(wad('400'));
    const coin = byStandard(book('0', future('f', 'BTC-F-COIN', '61500', '60000')));
    // 1.025 - 1 BTC at the index
    expect(wadToFloat(coin.equityWad)).toBeCloseTo(1500, 9);
    expect(coin.sensitivities[0]!.delta).toBeCloseTo(1.025, 12);
  });

  it('round a forward that is no fixed-point number against each side', () => {
    const market = withData({ forward: 61_500.1 });
    const long = byStandard(book('0', future('f', 'BTC-F', '1000000', '61500')), market);
    const short = byStandard(book('0', future('f', 'BTC-F', '-1000000', '61500')), market);
    expect(long.equityWad + short.equityWad).toBe(-1_000_000n);
  });

  it('net with perps and coins on the grid, and move less while settlement is averaged', () => {
    const hedged = byScenario(
      book('0', future('f', 'BTC-F', '1', '61500'), perp('p', 'BTC-PERP', '-1.025', '60000')),
    );
    expect(wadToFloat(hedged.worstScenarios![0]!.lossWad)).toBeCloseTo(0, 9);
    const soon = NOW + 900_000;
    const near = new Map(markets).set('BTC-F', { id: 'BTC-F', kind: 'future', ...btc, expiryMs: soon });
    const market = {
      ...withData(),
      options: new Map([['BTC', new Map([[soon, { ...expiry, settlementForward: 60_000 }]])]]),
    };
    const held = book('0', future('f', 'BTC-F', '1', '60000'));
    const result = scenarioModuleV2.calculate(held, near, market, scenario);
    // half of the average is fixed 15 minutes before the end: 15 % of 30000
    expect(wadToFloat(result.worstScenarios![0]!.lossWad)).toBeCloseTo(4500, 8);
    expect(result.sensitivities[0]!.delta).toBeCloseTo(0.5, 12);
  });

  it.each([
    ['BTC-F-DEAD', withData(), 'future-expired'],
    ['BTC-F-BARE', withData(), 'future-data-missing'],
    ['BTC-F', withData({ asOfMs: NOW - 301_000 }), 'future-data-stale'],
    ['BTC-F', withData({ asOfMs: NOW + 1 }), 'future-data-stale'],
    ['BTC-F', withData({ forward: Number.NaN }), 'future-data-invalid'],
    ['BTC-F', withData({ forward: -1 }), 'future-data-invalid'],
    ['BTC-F', withData({ forward: Number.POSITIVE_INFINITY }), 'future-data-invalid'],
    ['BTC-F', withData({ forward: 1e-30 }), 'future-data-invalid'],
    ['BTC-F', withData({ forwardConfidence: Number.NaN }), 'future-data-invalid'],
    ['BTC-F', withPrice(withData(), refused('BTC-USD', '60000')), 'price-refused'],
    ['BTC-PERP', withData(), 'unknown-market'],
    ['NOWHERE', withData(), 'unknown-market'],
  ])('%s in trouble is a failure of its own: %#', (id, market, code) => {
    for (const module of listModules()) {
      const given = book('7', future('f', id, '1', '60000'));
      const result = module.calculate(given, markets, market, module.defaultParameters);
      expect(result.failures.map(({ reason }) => reason.code)).toEqual([code]);
      expect(result.status).toBe('unknown');
      expect(result.equityWad).toBe(wad('7'));
    }
  });

  it('ask for their feeds', () => {
    const needs = standardModule.requirements(
      book('0', future('f', 'BTC-F-OWN', '1', '1')),
      markets,
      standard,
    );
    expect(needs.feeds).toEqual(['BTC-F-MARK', 'BTC-USD']);
  });
});

describe('coin-settled options', () => {
  it('are worth price / forward coins at the index, and charge on whole contracts', () => {
    const [linear, coin] = ['quote', 'coin'].map((settlement) =>
      byStandard(book('0', option('o', `BTC-C-${settlement}`, '-2'))),
    );
    expect(wadToFloat(coin!.equityWad)).toBeCloseTo((wadToFloat(linear!.equityWad) * 60_000) / 61_500, 8);
    const margin = (result: MarginResult) => sumOf(result, 'option-margin');
    expect(margin(coin!)).toBeCloseTo(margin(linear!), 8);
    const netted = byScenario(
      book('0', option('a', 'BTC-C-quote', '1'), option('b', 'BTC-C-coin', '-1.025')),
    );
    expect(wadToFloat(netted.worstScenarios![0]!.lossWad)).toBeCloseTo(0, 8);
    expect(sumOf(netted, 'contingency')).toBeCloseTo(0.025 * 60_000 * 0.005, 8);
  });

  const file = '../shared/vectors/deribit-marks/rows.json';
  it.skipIf(!existsSync(file))('carry the marks of the venue (needs ../shared/vectors)', () => {
    interface Row {
      readonly i: string;
      readonly F: number;
      readonly ts: number;
      readonly iv: number;
      readonly mark: number;
      readonly expiry: number;
    }
    for (const row of JSON.parse(readFileSync(file, 'utf8')) as Row[]) {
      const [, , strike, type] = row.i.split('-');
      const expiryMs = row.expiry * 1000;
      const own = new Map<string, AnyMarket>([
        [
          row.i,
          {
            id: row.i,
            kind: 'option',
            ...btc,
            strikeWad: wad(strike!),
            expiryMs,
            isCall: type === 'C',
            settlement: 'coin',
          },
        ],
      ]);
      const smile = [{ strike: Number(strike), volatility: row.iv / 100 }];
      const data = { ...expiry, asOfMs: row.ts, forward: row.F, smile };
      const market: MarketSnapshot = {
        ...snapshot(),
        asOfMs: row.ts,
        prices: new Map([['BTC-USD', price('BTC-USD', '60000')]]),
        options: new Map([['BTC', new Map([[expiryMs, data]])]]),
      };
      const result = standardModule.calculate(book('0', option('o', row.i, '1')), own, market, standard);
      expect(result.failures).toEqual([]);
      expect(Math.abs(wadToFloat(result.equityWad) / 60_000 - row.mark)).toBeLessThan(1e-4);
    }
  });
});
