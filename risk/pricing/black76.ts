import { erfcx, normalCdf, normalPdf } from '../statistics/normal.ts';

/**
 * Undiscounted Black-76 price of the out-of-the-money option (call when F <= K, else put) with total volatility
 * s = vol sqrt(tau). Deep in the wings it is computed from the scaled complement, so that it neither cancels nor
 * underflows before the price itself does.
 */
function outOfTheMoney(forward: number, strike: number, s: number): number {
  const low = Math.min(forward, strike);
  const high = Math.max(forward, strike);
  const x = Math.log(low / high);
  const d1 = x / s + s / 2;
  const d2 = d1 - s;
  if (d1 >= 0) return Math.max(0, low * normalCdf(d1) - high * normalCdf(d2));
  // low N(d1) - high N(d2), where low n(d1) = high n(d2)
  const density = 0.5 * low * Math.exp(-0.5 * d1 * d1);
  return density * (erfcx(-d1 * Math.SQRT1_2) - erfcx(-d2 * Math.SQRT1_2));
}

/**
 * Black-76 price of a European option, discounted by `df`; float64. Zero volatility or time gives the discounted
 * intrinsic value, zero strike the forward or nothing. Inputs are expected to be valid: forward > 0, strike >= 0,
 * tau >= 0 years, volatility >= 0.
 */
export function blackPrice(
  forward: number,
  strike: number,
  tau: number,
  volatility: number,
  df: number,
  isCall: boolean,
): number {
  const intrinsic = isCall ? forward - strike : strike - forward;
  const s = volatility * Math.sqrt(tau);
  if (!(s > 0) || strike === 0) return df * Math.max(0, intrinsic);
  const otm = outOfTheMoney(forward, strike, s);
  return df * (intrinsic > 0 ? intrinsic + otm : otm);
}

/** d price / d forward by Black-76, undiscounted; at expiry and zero volatility the slope of intrinsic. */
export function blackDelta(
  forward: number,
  strike: number,
  tau: number,
  volatility: number,
  isCall: boolean,
): number {
  const s = volatility * Math.sqrt(tau);
  if (!(s > 0) || strike === 0) {
    const inside = isCall ? forward > strike : forward < strike;
    return inside ? (isCall ? 1 : -1) : 0;
  }
  const d1 = Math.log(forward / strike) / s + s / 2;
  return isCall ? normalCdf(d1) : -normalCdf(-d1);
}

/** Greeks of a European option by Black-76; per unit of the option, times in years, volatility as a fraction. */
export interface BlackGreeks {
  price: number;
  /** d price / d forward. */
  delta: number;
  gamma: number;
  /** d price / d volatility (per 1.00). */
  vega: number;
  /** d price / d calendar time at fixed forward and df = e^(-r tau), per year (negative for most longs). */
  theta: number;
  /** d price / d rate at fixed forward, per 1.00. */
  rho: number;
  /** d delta / d volatility, and d vega / d volatility. */
  vanna: number;
  volga: number;
}

/** Price and Greeks together; the discount rate that goes with `df` is -ln(df)/tau. */
export function blackGreeks(
  forward: number,
  strike: number,
  tau: number,
  volatility: number,
  df: number,
  isCall: boolean,
): BlackGreeks {
  const price = blackPrice(forward, strike, tau, volatility, df, isCall);
  const s = volatility * Math.sqrt(tau);
  const rate = tau > 0 ? -Math.log(df) / tau : 0;
  const rho = -tau * price;
  if (!(s > 0) || strike === 0) {
    const inside = isCall ? forward > strike : forward < strike;
    const delta = inside ? (isCall ? df : -df) : 0;
    return { price, delta, gamma: 0, vega: 0, theta: rate * price, rho, vanna: 0, volga: 0 };
  }
  const d1 = Math.log(forward / strike) / s + s / 2;
  const d2 = d1 - s;
  const density = df * normalPdf(d1);
  const vega = forward * density * Math.sqrt(tau);
  return {
    price,
    delta: df * (isCall ? normalCdf(d1) : -normalCdf(-d1)),
    gamma: density / (forward * s),
    vega,
    theta: rate * price - (vega * volatility) / (2 * tau),
    rho,
    vanna: (-density * d2) / volatility,
    volga: (vega * d1 * d2) / volatility,
  };
}
