import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { MarginResult } from '../../../../risk/modules/module.ts';
import { scenarioModuleV2, scenarioModuleV21 } from '../../../../risk/modules/scenario/module.ts';
import type { AnyPosition } from '../../../../risk/portfolio/portfolio.ts';
import { historicalTail } from '../../../../risk/statistics/historical.ts';
import { wadToFloat } from '../../../../risk/units/wad.ts';
import { collateral, MARKETS, perp } from '../../fixtures.ts';
import { book, markets, option, withData } from '../instrument-fixtures.ts';

const zero = {
  liquidity: { weight: 0 },
  concentration: { slope: 0 },
  basis: { annualisedMove: 0, minimumMove: 0 },
};
const p = scenarioModuleV21.parseParameters({ buffered: false, addOns: zero });
const old = scenarioModuleV2.parseParameters({ buffered: false });
const ask = (...positions: AnyPosition[]) =>
  scenarioModuleV21.calculate(book('0', ...positions), markets, withData(), p);
const sum = (result: MarginResult, term: string, key: 'initialWad' | 'maintenanceWad' = 'initialWad') =>
  wadToFloat(result.lines.reduce((total, each) => total + (each.term === term ? each[key] : 0n), 0n));

describe('offset between underlyings', () => {
  it('gives the credit of the class for what moves against each other', () => {
    // 60000 long BTC against 40000 short ETH: 9000 and 6000 apart, 3000 together
    const result = ask(perp('a', 'BTC-PERP', '1', '60000'), perp('b', 'ETH-PERP', '-20', '2000'));
    expect(sum(result, 'scenario-loss')).toBeCloseTo(15_000, 8);
    expect(sum(result, 'correlation-offset')).toBeCloseTo(-0.3 * 12_000, 8);
    expect(sum(result, 'correlation-offset', 'maintenanceWad')).toBeCloseTo(-0.3 * 12_000 * 0.8, 8);
    expect(result.worstScenarios!.map(({ asset, scenario }) => [asset, scenario])).toEqual([
      ['BTC', 'spot x0.85, volatility up'],
      ['ETH', 'spot x1.15, volatility up'],
      ['majors', 'spot x0.85, volatility up'],
    ]);
    // the joint worst keeps the loss of the long and turns that of the short into its gain
    const lines = result.lines.filter(({ term }) => term === 'correlation-offset');
    expect(lines.map(({ positionId }) => positionId)).toEqual(['b']);
  });

  it('gives nothing for what moves the same way, alone, or in no class', () => {
    const same = [perp('a', 'BTC-PERP', '1', '60000'), perp('b', 'ETH-PERP', '20', '2000')];
    expect(sum(ask(...same), 'correlation-offset')).toBe(0);
    expect(ask(...same).initialRequirementWad).toBe(
      scenarioModuleV2.calculate(book('0', ...same), markets, withData(), old).initialRequirementWad,
    );
    expect(sum(ask(same[0]!), 'correlation-offset')).toBe(0);
    const split = { ...p, offset: { classes: [] } };
    const apart = book('0', same[0]!, perp('b', 'ETH-PERP', '-20', '2000'));
    expect(sum(scenarioModuleV21.calculate(apart, MARKETS, withData(), split), 'correlation-offset')).toBe(0);
  });

  it('gives options the slope of both parts of their loss', () => {
    const positions = [option('o', 'BTC-C-quote', '-5'), perp('b', 'ETH-PERP', '60', '2000')];
    const at = (scale: number) => {
      const market = withData({ forward: 61_500 * scale });
      const prices = new Map(market.prices);
      const btc = prices.get('BTC-USD')!;
      prices.set('BTC-USD', {
        ...btc,
        priceWad: (btc.priceWad * BigInt(Math.round(scale * 1e9))) / 1_000_000_000n,
      });
      return scenarioModuleV21.calculate(book('0', ...positions), markets, { ...market, prices }, p);
    };
    const losses = (result: MarginResult) =>
      wadToFloat(
        result.lines.reduce(
          (total, { positionId, term, initialWad }) =>
            total +
            (positionId === 'o' && (term === 'scenario-loss' || term === 'correlation-offset')
              ? initialWad
              : 0n),
          0n,
        ),
      );
    const slope = (losses(at(1.0001)) - losses(at(0.9999))) / (2e-4 * 60_000);
    expect(sum(at(1), 'correlation-offset')).toBeLessThan(0);
    const own = at(1).sensitivities.find(({ positionId }) => positionId === 'o')!;
    expect(own.initialSlope).toBeCloseTo(slope, 5);
  });

  it('leaves collateral that moves with a coin on the grid of its class', () => {
    const hedged = ask(collateral('c', 'BTC', '1'), perp('b', 'ETH-PERP', '-30', '2000'));
    expect(sum(hedged, 'correlation-offset')).toBeCloseTo(-0.3 * 18_000, 8);
  });
});

const DATA = '../shared/data/market';
describe.skipIf(!existsSync(DATA))('default credit (needs ../shared/data)', () => {
  /** Simple daily returns at 00:00 UTC from hourly closes. */
  function daily(asset: string): ReadonlyMap<number, number> {
    const rows = gunzipSync(readFileSync(`${DATA}/binance_spot_${asset}USDT_1h.csv.gz`))
      .toString()
      .split('\n');
    const closes = new Map<number, number>();
    for (const row of rows.slice(1)) {
      const [ts, , , , close] = row.split(',');
      const ms = Number(ts) > 1e14 ? Number(ts) / 1000 : Number(ts);
      if (close !== undefined) closes.set(Math.floor(ms / 86_400_000), Number(close));
    }
    const returns = new Map<number, number>();
    for (const [day, close] of closes) {
      const before = closes.get(day - 1);
      if (before !== undefined) returns.set(day, close / before - 1);
    }
    return returns;
  }

  it('is below the share of the expected shortfall that each hedge of equal notionals saved, 2017 to 2025', () => {
    const shortfall = (pnl: readonly number[]) => -historicalTail(pnl, 0.01).expectedShortfall;
    const { assets, credit } = scenarioModuleV21.defaultParameters.offset.classes[0]!;
    const saved: Record<string, number> = {};
    const series = new Map(assets.map((asset) => [asset, daily(asset)]));
    for (const a of assets) {
      for (const b of assets) {
        if (a === b) continue;
        const days = [...series.get(a)!.keys()].filter((day) => series.get(b)!.has(day));
        const long = days.map((day) => series.get(a)!.get(day)!);
        const short = days.map((day) => -series.get(b)!.get(day)!);
        const both = shortfall(long.map((value, i) => value + short[i]!));
        saved[`${a}-${b}`] = Number((1 - both / (shortfall(long) + shortfall(short))).toFixed(2));
      }
    }
    expect(saved).toEqual({
      'BTC-ETH': 0.58,
      'BTC-SOL': 0.34,
      'ETH-BTC': 0.67,
      'ETH-SOL': 0.39,
      'SOL-BTC': 0.47,
      'SOL-ETH': 0.6,
    });
    expect(credit).toBeLessThan(Math.min(...Object.values(saved)));
  });
});
