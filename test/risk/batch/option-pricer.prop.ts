import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blackPrices } from '../../../risk/batch/black-prices.ts';
import { fastExp, fastLog } from '../../../risk/batch/elementary.ts';
import { fastBlackPrice, priceOptions } from '../../../risk/batch/option-pricer.ts';
import { blackGreeks, blackPrice } from '../../../risk/pricing/black76.ts';

const NAMES = ['price', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const;

interface Drawn {
  readonly forward: number;
  readonly moneyness: number;
  readonly tau: number;
  readonly volatility: number;
  readonly rate: number;
  readonly isCall: boolean;
}
const double = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const drawn: fc.Arbitrary<Drawn> = fc.record({
  forward: double(0.01, 200_000),
  moneyness: double(-2, 2),
  tau: double(1 / 8760, 3),
  volatility: double(0.1, 3),
  rate: double(-0.05, 0.2),
  isCall: fc.boolean(),
});

function run(options: readonly Omit<Drawn, 'moneyness'>[], strikes: readonly number[]) {
  const column = (of: (each: Omit<Drawn, 'moneyness'>) => number) => Float64Array.from(options, of);
  const empty = () => new Float64Array(options.length);
  const out = {
    price: empty(),
    delta: empty(),
    gamma: empty(),
    vega: empty(),
    theta: empty(),
    rho: empty(),
  };
  const input = {
    forward: column((each) => each.forward),
    strike: Float64Array.from(strikes),
    tau: column((each) => each.tau),
    volatility: column((each) => each.volatility),
    df: column((each) => Math.exp(-each.rate * each.tau)),
    isCall: Uint8Array.from(options, (each) => (each.isCall ? 1 : 0)),
  };
  priceOptions(input, out, 0, options.length);
  return out;
}

describe('batch option pricer', () => {
  it('has the built-in exponential and logarithm to 5e-16', () => {
    fc.assert(
      fc.property(double(-745, 709), (x) => {
        expect(Math.abs(fastExp(x) - Math.exp(x))).toBeLessThanOrEqual(5e-16 * Math.exp(x));
        const y = Math.exp(x);
        if (y > 0) {
          const log = Math.log(y);
          expect(Math.abs(fastLog(y) - log)).toBeLessThanOrEqual(5e-16 * Math.max(1, Math.abs(log)));
        }
      }),
      { numRuns: 3000 },
    );
    const edges = [0, -0, 1, Number.NaN, Infinity, -Infinity, 1e-320, 800, -800, 1 - 2 ** -53, -1, 1e305];
    for (const x of edges) {
      const log = fastLog(x) - Math.log(x);
      expect(Object.is(fastLog(x), Math.log(x)) || Math.abs(log) < 1e-16).toBe(true);
      expect(Object.is(fastExp(x), Math.exp(x)) || Math.abs(fastExp(x) / Math.exp(x) - 1) < 5e-16).toBe(true);
    }
    expect([fastExp(0), fastLog(1), fastExp(Number.NaN)]).toEqual([1, 0, Number.NaN]);
  });

  it('agrees with the scalar pricer to 1e-12 of each Greek’s scale, or to what the logarithm is known', () => {
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 30 }), (options) => {
        const strikes = options.map(({ forward, moneyness }) => forward * Math.exp(moneyness));
        const out = run(options, strikes);
        options.forEach(({ forward, tau, volatility, rate, isCall }, i) => {
          const df = Math.exp(-rate * tau);
          const exact = blackGreeks(forward, strikes[i]!, tau, volatility, df, isCall);
          // theta is a difference of carry and decay: it has the scale of either
          const scale = { ...exact, theta: Math.abs(rate * exact.price) + (exact.vega * volatility) / tau };
          // ln(F/K) near 1 is known to 2^-53 whatever its size; that moves d1 by 2^-53 / stdDev, and values by d1 times as much
          const stdDev = volatility * Math.sqrt(tau);
          const d1 = Math.log(forward / strikes[i]!) / stdDev + stdDev / 2;
          const tolerance = 1e-12 + (2 ** -50 * (1 + d1 * d1)) / stdDev;
          for (const name of NAMES) {
            const error = Math.abs(out[name][i]! - exact[name]);
            expect(error).toBeLessThanOrEqual(tolerance * Math.abs(scale[name]) + 1e-250);
          }
          const price = fastBlackPrice(forward, strikes[i]!, volatility * Math.sqrt(tau), df, isCall);
          expect(Math.abs(price - exact.price)).toBeLessThanOrEqual(tolerance * exact.price + 1e-250);
        });
      }),
      { numRuns: 200 },
    );
  });

  it('prices a row of strikes on one forward as one by one, bit by bit', () => {
    fc.assert(
      fc.property(
        fc.array(drawn, { minLength: 1, maxLength: 600 }),
        double(0.01, 1e6),
        (options, forward) => {
          // every other option has the strike of the one before it, as chains do
          const strikes = Float64Array.from(options, ({ moneyness }, i) =>
            i % 97 === 5 ? 0 : forward * Math.exp(options[i - (i % 2)]?.moneyness ?? moneyness),
          );
          const stdDev = Float64Array.from(options, ({ volatility, tau }, i) =>
            i % 89 === 3 ? [0, Number.NaN, -1][i % 3]! : i % 4 < 2 ? 0.3 : volatility * Math.sqrt(tau),
          );
          const calls = Uint8Array.from(options, ({ isCall }) => (isCall ? 1 : 0));
          const out = new Float64Array(options.length);
          blackPrices(forward, 0.97, strikes, stdDev, calls, out, options.length);
          options.forEach(({ isCall }, i) => {
            expect(out[i]).toBe(fastBlackPrice(forward, strikes[i]!, stdDev[i]!, 0.97, isCall));
          });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('has intrinsic value and a step delta without time or volatility, or with a strike of 0', () => {
    for (const isCall of [true, false]) {
      const base = { forward: 100, tau: 0.5, volatility: 0.4, rate: 0.1, isCall };
      const options = [
        { ...base, tau: 0 },
        { ...base, volatility: 0 },
        { ...base, volatility: 0 },
        { ...base, volatility: 0 },
        base,
      ];
      const strikes = [90, 90, 110, 100, 0];
      const out = run(options, strikes);
      options.forEach(({ forward, tau, volatility, rate }, i) => {
        const exact = blackGreeks(forward, strikes[i]!, tau, volatility, Math.exp(-rate * tau), isCall);
        for (const name of NAMES) expect(out[name][i]).toBeCloseTo(exact[name], 12);
        const price = blackPrice(forward, strikes[i]!, tau, volatility, Math.exp(-rate * tau), isCall);
        expect(
          fastBlackPrice(forward, strikes[i]!, volatility * Math.sqrt(tau), Math.exp(-rate * tau), isCall),
        ).toBe(price);
      });
    }
  });

  it('makes an input that is no number NaN in its own element alone', () => {
    const base = { forward: 100, tau: 0.5, volatility: 0.4, rate: 0, isCall: true };
    const wrong = [
      { ...base, forward: Number.NaN },
      { ...base, forward: -1 },
      { ...base, volatility: -0.1 },
      { ...base, volatility: Number.NaN },
      { ...base, tau: -1 },
    ];
    const out = run([...wrong, base], [100, 100, 100, 100, 100, 100]);
    wrong.forEach((_, i) => {
      for (const name of ['price', 'delta', 'gamma', 'vega'] as const) expect(out[name][i]).toBeNaN();
    });
    expect(out.price[5]).toBeCloseTo(blackPrice(100, 100, 0.5, 0.4, 1, true), 12);
    expect(run([base], [-5]).price[0]).toBeNaN();
  });
});
