import { normalPdf } from '../statistics/normal.ts';
import { blackPrice } from './black76.ts';

export type ImpliedVolatility =
  | { readonly volatility: number }
  | { readonly reason: 'expired' | 'below-intrinsic' | 'above-maximum' | 'not-finite' };

const LARGEST_S = 40;

/**
 * Volatility at which Black-76 gives `price`. A price outside the no-arbitrage bounds is a reason, not a number; one
 * equal to intrinsic (to float precision of the price) is volatility 0. Newton on the logarithm of the
 * out-of-the-money value (or of its distance to the upper bound), kept inside a bracket: it converges from the deep
 * wings too.
 */
export function impliedVolatility(
  price: number,
  forward: number,
  strike: number,
  tau: number,
  df: number,
  isCall: boolean,
): ImpliedVolatility {
  const inputs = [price, forward, strike, tau, df];
  if (!inputs.every(Number.isFinite) || forward <= 0 || strike <= 0 || df <= 0)
    return { reason: 'not-finite' };
  if (tau <= 0) return { reason: 'expired' };
  const undiscounted = price / df;
  const intrinsic = Math.max(0, isCall ? forward - strike : strike - forward);
  const otm = undiscounted - intrinsic;
  const noise = 4 * Number.EPSILON * undiscounted;
  if (otm < -noise) return { reason: 'below-intrinsic' };
  const upper = Math.min(forward, strike);
  if (otm >= upper) return { reason: 'above-maximum' };
  if (otm <= (intrinsic > 0 ? noise : 0)) return { volatility: 0 };
  return { volatility: solveTotal(otm, forward, strike, upper) / Math.sqrt(tau) };
}

function solveTotal(otm: number, forward: number, strike: number, upper: number): number {
  const otmIsCall = forward <= strike;
  const x = Math.abs(Math.log(forward / strike));
  const inflection = Math.sqrt(2 * x);
  const valueAt = (s: number) => blackPrice(forward, strike, 1, s, 1, otmIsCall);
  let low = 0;
  let high = LARGEST_S;
  let s = inflection > 0 ? inflection : (otm / upper) * Math.sqrt(2 * Math.PI);
  const nearTop = valueAt(s) < otm && otm > upper / 2;
  for (let i = 0; i < 100; i++) {
    const value = valueAt(s);
    if (value < otm) low = s;
    else high = s;
    const d1 = Math.log(forward / strike) / s + s / 2;
    const slope = forward * normalPdf(d1);
    const step = nearTop
      ? Math.log((upper - value) / (upper - otm)) * ((upper - value) / slope)
      : Math.log(otm / value) * (value / slope);
    let next = s + step;
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (Math.abs(next - s) <= 2 * Number.EPSILON * s || high - low <= Number.EPSILON * high) return next;
    s = next;
  }
  return s;
}
