import { describe, expect, it } from 'vitest';
import {
  DEFAULT_PARAMETERS,
  expectedAnnualVolatility,
  HOURS_PER_YEAR,
  type Regime,
  type SimulatorParameters,
} from '../../../../gateway/demo/market/parameters.ts';
import { MarketSimulator } from '../../../../gateway/demo/market/simulator.ts';
import { ASSETS, RISKY_ASSETS } from '../../../../gateway/demo/market/source.ts';
import type { HourlyBar } from '../../../../models/forecast.ts';

const START = Date.UTC(2025, 6, 1, 13);
const make = (seed = 1, months = 14, parameters: SimulatorParameters = DEFAULT_PARAMETERS) =>
  new MarketSimulator({ seed, months, startMs: START, parameters });
const logReturns = (bars: readonly HourlyBar[]) => bars.map(({ open, close }) => Math.log(close / open));
const meanOf = (values: readonly number[], power = 1) =>
  values.reduce((sum, value) => sum + value ** power, 0) / values.length;
const annual = (variance: number) => Math.sqrt(variance * HOURS_PER_YEAR);
const garmanKlass = ({ open, high, low, close }: HourlyBar) =>
  0.5 * Math.log(high / low) ** 2 - (2 * Math.LN2 - 1) * Math.log(close / open) ** 2;

/** Shared by the tests that only read a history. */
const history = make().history();
const longHistory = make(2, 60).history();

/** The regime for ever: what is measured must be its own law. */
function lasting(regime: Regime): SimulatorParameters {
  return { ...DEFAULT_PARAMETERS, regimes: [{ ...regime, meanHours: Infinity, next: [0] }], firstRegime: 0 };
}

describe('MarketSimulator', () => {
  it('gives the same bytes for the same seed, and others for another', () => {
    const dump = (seed: number) => {
      const market = make(seed);
      return JSON.stringify([[...market.history()], market.step(30), market.step(7)]);
    };
    expect(dump(5)).toBe(dump(5));
    expect(dump(5)).not.toBe(dump(6));
  });

  it('has hourly bars without a hole from 14 months before the start, each enclosing its prices', () => {
    for (const asset of ASSETS) {
      const bars = history.get(asset)!;
      expect(bars[0]!.tsMs).toBe(Date.UTC(2024, 4, 1, 13));
      expect(bars.at(-1)!.tsMs).toBe(START - 3_600_000);
      expect(bars.length).toBe((START - Date.UTC(2024, 4, 1, 13)) / 3_600_000);
      // One assertion an asset: ten thousand bars each.
      const wrong = bars.filter(
        ({ tsMs, open, high, low, close, volume }, index) =>
          tsMs !== bars[0]!.tsMs + index * 3_600_000 ||
          !(low > 0 && low <= Math.min(open, close) && high >= Math.max(open, close) && volume > 0) ||
          Math.abs(open / (bars[index - 1]?.close ?? open) - 1) > 1e-12,
      );
      expect(wrong).toEqual([]);
    }
  });

  it('has the storm that it is asked for, from that second on, and the same path until then', () => {
    const at = (stormAtMs: number | null) =>
      new MarketSimulator({ seed: 12, months: 14, startMs: START, stormAtMs });
    const [calm, stormy, told] = [at(null), at(START + 60_000), at(null)];
    expect(stormy.step(60)).toEqual(calm.step(60));
    told.step(60);
    told.startStorm();
    const after = stormy.step(600);
    expect([after.regime, told.step(600)]).toEqual(['storm', after]);
    const quiet = calm.step(600);
    expect(quiet.regime).toBe('normal');
    expect(after.assets.BTC.annualVolatility / quiet.assets.BTC.annualVolatility).toBeCloseTo(2.2, 6);
    const parameters = lasting(DEFAULT_PARAMETERS.regimes[1]!);
    const make = () => new MarketSimulator({ seed: 1, months: 14, startMs: START, parameters, stormAtMs: 0 });
    expect(make).toThrow("no regime 'storm'");
  });

  it('goes on where its history ends, at the stated prices', () => {
    const market = make();
    const { assets, timeMs } = market.current();
    expect(timeMs).toBe(START);
    for (const asset of RISKY_ASSETS) {
      expect(assets[asset].price).toBe(DEFAULT_PARAMETERS.startPrice[asset]);
      expect(market.history().get(asset)!.at(-1)!.close).toBeCloseTo(assets[asset].price, 6);
    }
    expect(market.history().get('USDC')!.at(-1)!.close).toBeCloseTo(assets.USDC.price, 12);
  });

  it('has a price for a second that does not depend on how the steps fall', () => {
    const whole = make().step(3600);
    const market = make();
    for (const seconds of [1, 0, 29, 30, 540, 3000]) market.step(seconds);
    expect(market.current()).toEqual(whole);
  });

  it.each(DEFAULT_PARAMETERS.regimes)(
    'has the volatility of regime $name, in returns and in ranges',
    (regime) => {
      const parameters = lasting(regime);
      const history = make(11, 60, parameters).history();
      for (const asset of RISKY_ASSETS) {
        const bars = history.get(asset)!;
        const expected = expectedAnnualVolatility(parameters, asset, regime);
        expect(annual(meanOf(logReturns(bars), 2)) / expected).toBeGreaterThan(0.94);
        expect(annual(meanOf(logReturns(bars), 2)) / expected).toBeLessThan(1.06);
        const ranges = annual(meanOf(bars.map(garmanKlass)));
        expect(ranges / expected).toBeGreaterThan(0.92);
        expect(ranges / expected).toBeLessThan(1.06);
      }
    },
  );

  it('has the stated correlations', () => {
    const returns = RISKY_ASSETS.map((asset) => logReturns(longHistory.get(asset)!));
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < i; j++) {
        const product = meanOf(returns[i]!.map((value, k) => value * returns[j]![k]!));
        const correlation = product / Math.sqrt(meanOf(returns[i]!, 2) * meanOf(returns[j]!, 2));
        expect(Math.abs(correlation - DEFAULT_PARAMETERS.correlation[i]![j]!)).toBeLessThan(0.06);
      }
    }
  });

  it('has fat tails, clustered volatility and the hours of the week', () => {
    const bars = longHistory.get('BTC')!;
    const returns = logReturns(bars);
    expect(meanOf(returns, 4) / meanOf(returns, 2) ** 2).toBeGreaterThan(5);
    const variances = bars.map(garmanKlass);
    const mean = meanOf(variances);
    const lagged = meanOf(variances.slice(24).map((value, k) => (value - mean) * (variances[k]! - mean)));
    expect(
      lagged /
        meanOf(
          variances.map((value) => value - mean),
          2,
        ),
    ).toBeGreaterThan(0.1);
    const hour = (wanted: number) =>
      meanOf(variances.filter((_, k) => Math.floor(bars[k]!.tsMs / 3_600_000) % 24 === wanted));
    expect(hour(14) / hour(5)).toBeGreaterThan(3);
  });

  it('keeps USDC near 1.00', () => {
    const closes = longHistory.get('USDC')!.map(({ close }) => Math.log(close));
    expect(Math.abs(meanOf(closes))).toBeLessThan(1e-4);
    expect(Math.sqrt(meanOf(closes, 2)) / DEFAULT_PARAMETERS.usdc.deviation).toBeGreaterThan(0.9);
    expect(Math.sqrt(meanOf(closes, 2)) / DEFAULT_PARAMETERS.usdc.deviation).toBeLessThan(1.1);
  });

  it('has venues that scatter around the true price', () => {
    const market = make(3);
    const deviations: number[] = [];
    for (let k = 0; k < 500; k++) {
      const { price, venues, annualVolatility } = market.step(60).assets.ETH;
      for (const venue of venues)
        deviations.push(Math.log(venue / price) / Math.sqrt(annualVolatility / 0.5));
    }
    expect(Math.abs(Math.sqrt(meanOf(deviations, 2)) / DEFAULT_PARAMETERS.venues.deviation - 1)).toBeLessThan(
      0.1,
    );
  });

  it.each([
    [{ seed: -1 }, 'seed: must be a whole number, 0 or more'],
    [{ seed: 1.5 }, 'seed: must be a whole number, 0 or more'],
    [{ months: 13 }, 'months: must be a whole number from 14 to 120'],
    [{ startMs: START + 1 }, 'startMs: must be a full hour'],
  ])('refuses %j', (wrong, message) => {
    expect(() => new MarketSimulator({ seed: 1, months: 14, startMs: START, ...wrong })).toThrow(message);
  });

  it('refuses a step back or of part of a second', () => {
    expect(() => make().step(-1)).toThrow('seconds: must be a whole number of seconds, 0 or more');
    expect(() => make().step(0.5)).toThrow('seconds: must be a whole number of seconds, 0 or more');
  });
});
