import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blackDelta, blackGreeks, blackPrice } from '../../../risk/pricing/black76.ts';
import { venueGreeks } from '../../../risk/pricing/deribit-greeks.ts';
import { impliedVolatility } from '../../../risk/pricing/implied-volatility.ts';

/** Computed with 60 decimal digits. */
const WING = 3.4529165077419025e-28;

const forward = fc.double({ min: 0.01, max: 1e6, noNaN: true });
const moneyness = fc.double({ min: -1.5, max: 1.5, noNaN: true });
const tau = fc.double({ min: 1e-5, max: 3, noNaN: true });
const volatility = fc.double({ min: 0.02, max: 3, noNaN: true });

describe('Black-76', () => {
  it('prices the textbook case', () => {
    // Haug: futures 19, strike 19, r = 10 %, 9 months, vol 28 %
    expect(blackPrice(19, 19, 0.75, 0.28, Math.exp(-0.075), true)).toBeCloseTo(1.7011, 4);
  });

  it('is intrinsic at expiry, at zero volatility and zero strike', () => {
    expect(blackPrice(110, 100, 0, 0.5, 1, true)).toBe(10);
    expect(blackPrice(110, 100, 1, 0, 0.9, true)).toBe(9);
    expect(blackPrice(110, 100, 1, 0, 1, false)).toBe(0);
    expect(blackPrice(110, 0, 1, 0.5, 1, true)).toBe(110);
    expect(blackPrice(110, 0, 1, 0.5, 1, false)).toBe(0);
    const flat = blackGreeks(110, 100, 0, 0.5, 1, true);
    expect(flat).toEqual({ price: 10, delta: 1, gamma: 0, vega: 0, theta: 0, rho: -0, vanna: 0, volga: 0 });
  });

  it('keeps relative precision deep in the wing', () => {
    const price = blackPrice(100, 300, 1, 0.1, 1, true);
    expect(Math.abs(price / WING - 1)).toBeLessThan(1e-12);
    expect(blackPrice(100, 1e6, 1, 0.1, 1, true)).toBe(0);
  });

  it('keeps put-call parity and the bounds, and grows with volatility', () => {
    fc.assert(
      fc.property(forward, moneyness, tau, volatility, (f, k, t, v) => {
        const strike = f * Math.exp(k);
        const [call, put] = [
          blackPrice(f, strike, t, v, 0.97, true),
          blackPrice(f, strike, t, v, 0.97, false),
        ];
        expect(Math.abs(call - put - 0.97 * (f - strike))).toBeLessThan(1e-12 * (f + strike));
        expect(call).toBeGreaterThanOrEqual(0.97 * Math.max(0, f - strike));
        expect(call).toBeLessThanOrEqual(0.97 * f);
        expect(blackPrice(f, strike, t, v * 1.01, 0.97, true)).toBeGreaterThanOrEqual(call * (1 - 1e-14));
      }),
    );
  });

  it('has a delta of intrinsic at expiry', () => {
    expect([90, 110].map((strike) => blackDelta(100, strike, 0, 0.5, true))).toEqual([1, 0]);
    expect([90, 110].map((strike) => blackDelta(100, strike, 0, 0.5, false))).toEqual([0, -1]);
  });

  it('has Greeks that are the slopes of the price', () => {
    fc.assert(
      fc.property(fc.double({ min: -0.3, max: 0.3, noNaN: true }), fc.boolean(), (k, isCall) => {
        const [f, t, v] = [100, 0.4, 0.6];
        const strike = f * Math.exp(k);
        const df = (time: number) => Math.exp(-0.05 * time);
        const at = (forwardAt: number, time: number, vol: number) =>
          blackPrice(forwardAt, strike, time, vol, df(time), isCall);
        const g = blackGreeks(f, strike, t, v, df(t), isCall);
        const slope = (up: number, down: number, h: number) => (up - down) / (2 * h);
        expect(g.delta).toBeCloseTo(slope(at(f + 1e-3, t, v), at(f - 1e-3, t, v), 1e-3), 7);
        expect(blackDelta(f, strike, t, v, isCall) * df(t)).toBeCloseTo(g.delta, 14);
        expect(g.gamma).toBeCloseTo((at(f + 0.01, t, v) - 2 * g.price + at(f - 0.01, t, v)) / 1e-4, 6);
        expect(g.vega).toBeCloseTo(slope(at(f, t, v + 1e-5), at(f, t, v - 1e-5), 1e-5), 5);
        expect(g.theta).toBeCloseTo(-slope(at(f, t + 1e-5, v), at(f, t - 1e-5, v), 1e-5), 4);
        const vegaAt = (forwardAt: number, vol: number) =>
          blackGreeks(forwardAt, strike, t, vol, df(t), isCall);
        expect(g.volga).toBeCloseTo(slope(vegaAt(f, v + 1e-5).vega, vegaAt(f, v - 1e-5).vega, 1e-5), 4);
        expect(g.vanna).toBeCloseTo(slope(vegaAt(f, v + 1e-5).delta, vegaAt(f, v - 1e-5).delta, 1e-5), 6);
      }),
    );
  });
});

describe('implied volatility', () => {
  it('gives back the volatility that made the price, in the money and far out of it', () => {
    fc.assert(
      fc.property(forward, moneyness, tau, volatility, fc.boolean(), (f, k, t, v, isCall) => {
        const strike = f * Math.exp(k);
        const price = blackPrice(f, strike, t, v, 0.95, isCall);
        const otm = price / 0.95 - Math.max(0, isCall ? f - strike : strike - f);
        // what an in-the-money price knows about its time value is limited by its own last digits
        fc.pre(otm > 1e-250 * f && otm > 1e-10 * (price / 0.95) && otm < 0.999 * Math.min(f, strike));
        const result = impliedVolatility(price, f, strike, t, 0.95, isCall);
        expect('volatility' in result).toBe(true);
        if ('volatility' in result) expect(Math.abs(result.volatility / v - 1)).toBeLessThan(1e-6);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    [9.9, 110, 100, 1, 'below-intrinsic'],
    [110, 110, 100, 1, 'above-maximum'],
    [Number.NaN, 110, 100, 1, 'not-finite'],
    [5, 110, -1, 1, 'not-finite'],
    [5, 110, 100, 0, 'expired'],
  ])('has no answer for a price of %d on %d/%d at %d: %s', (price, f, strike, t, reason) => {
    expect(impliedVolatility(price, f, strike, t, 1, true)).toEqual({ reason });
  });

  it('is zero at intrinsic', () => {
    expect(impliedVolatility(10, 110, 100, 1, 1, true)).toEqual({ volatility: 0 });
    expect(impliedVolatility(0, 90, 100, 1, 1, true)).toEqual({ volatility: 0 });
  });
});

describe('venue Greeks', () => {
  it('match a published ticker (BTC-15JAN21-28000-C, 2020-12-31)', () => {
    const g = venueGreeks(29153.69, 28000, (1610697600 - 1609384730.848) / 31_536_000, 0.872, true);
    expect(g.delta).toBeCloseTo(0.62396, 4);
    expect(g.vega).toBeCloseTo(22.57564, 2);
    expect(g.theta).toBeCloseTo(-64.77785, 1);
    expect(g.rho).toBeCloseTo(6.46787, 2);
  });

  it('never lose more in a day than there is', () => {
    const g = venueGreeks(100, 105, 0.5 / 365, 0.5, true);
    expect(g.theta).toBe(-g.price);
    expect(venueGreeks(100, 90, 0, 0.5, true)).toMatchObject({ price: 10, delta: 1, gamma: 0 });
  });
});
