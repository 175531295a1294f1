import { normalCdf } from '../statistics/normal.ts';
import { type BlackGreeks, blackGreeks } from './black76.ts';

/** Greeks to spot with a continuous rate and dividend (or funding) yield. */
export interface SpotGreeks extends BlackGreeks {
  /** d price / d yield, per 1.00. */
  dividendRho: number;
  /** delta spot / price. */
  elasticity: number;
}

/**
 * Black-Scholes-Merton price and Greeks of a European option on spot (Haug, The Complete Guide to Option Pricing
 * Formulas): forward = S e^((r-q) t), df = e^(-r t). `delta`, `gamma` and `vanna` are to spot, `theta` and `rho` at
 * fixed spot.
 */
export function spotGreeks(
  spot: number,
  strike: number,
  tau: number,
  volatility: number,
  rate: number,
  dividendYield: number,
  isCall: boolean,
): SpotGreeks {
  const growth = Math.exp((rate - dividendYield) * tau);
  const df = Math.exp(-rate * tau);
  const forward = spot * growth;
  const g = blackGreeks(forward, strike, tau, volatility, df, isCall);
  const delta = g.delta * growth;
  const s = volatility * Math.sqrt(tau);
  const d2 = s > 0 ? Math.log(forward / strike) / s - s / 2 : forward > strike ? 40 : -40;
  return {
    ...g,
    delta,
    gamma: g.gamma * growth * growth,
    vanna: g.vanna * growth,
    theta: g.theta - (rate - dividendYield) * spot * delta,
    rho: (isCall ? 1 : -1) * strike * tau * df * normalCdf(isCall ? d2 : -d2),
    dividendRho: -tau * spot * delta,
    elasticity: g.price > 0 ? (delta * spot) / g.price : 0,
  };
}

/** Delta conventions; premium-adjusted ones are those of options whose premium is paid in the underlying coin. */
export type DeltaConvention = 'spot' | 'forward' | 'premium-adjusted-spot' | 'premium-adjusted-forward';

/**
 * Delta of an option with total volatility `stdDev` in a named convention (Wystup, FX Options and Structured
 * Products). Forward = spot x foreign df / domestic df.
 */
export function deltaIn(
  convention: DeltaConvention,
  spot: number,
  strike: number,
  stdDev: number,
  domesticDf: number,
  foreignDf: number,
  isCall: boolean,
): number {
  const sign = isCall ? 1 : -1;
  const forward = (spot * foreignDf) / domesticDf;
  const d1 = Math.log(forward / strike) / stdDev + stdDev / 2;
  const adjusted = convention.startsWith('premium-adjusted');
  const base = adjusted ? (strike / forward) * normalCdf(sign * (d1 - stdDev)) : normalCdf(sign * d1);
  const discount = convention === 'spot' || convention === 'premium-adjusted-spot' ? foreignDf : 1;
  return sign * discount * base;
}
