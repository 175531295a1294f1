import { fastExp, fastLog } from './elementary.ts';
import { CENTRE, centralErf, scaledTail } from './tail.ts';

const INV_SQRT_2PI = 0.3989422804014327;

/**
 * Black-76 price with total volatility s = vol sqrt(tau); the same formula as `blackPrice`
 * (risk/pricing/black76.ts) with one exponential and one logarithm, since low n(d1) = high n(d2).
 */
export function fastBlackPrice(
  forward: number,
  strike: number,
  s: number,
  df: number,
  isCall: boolean,
): number {
  const intrinsic = isCall ? forward - strike : strike - forward;
  if (!(s > 0) || strike === 0) return df * Math.max(0, intrinsic) + 0 * s;
  const low = Math.min(forward, strike);
  const high = Math.max(forward, strike);
  const ratio = low / high;
  const d1 = fastLog(ratio) / s + s / 2;
  const density = fastExp(-0.5 * d1 * d1);
  const otm = Math.max(0, low * lowerTail(d1, density) - high * lowerTail(d1 - s, density * ratio));
  return df * (intrinsic > 0 ? intrinsic + otm : otm);
}

/** N(d) when `density` = exp(-d^2/2). */
function lowerTail(d: number, density: number): number {
  const y = Math.abs(d) * Math.SQRT1_2;
  if (y <= CENTRE) return 0.5 + 0.5 * centralErf(d * Math.SQRT1_2);
  const tail = 0.5 * density * scaledTail(y);
  return d > 0 ? 1 - tail : tail;
}

/** Inputs by column, one element per option: see `blackGreeks`. `isCall` is 1 or 0. */
export interface OptionColumns {
  readonly forward: Float64Array;
  readonly strike: Float64Array;
  /** Years. */
  readonly tau: Float64Array;
  readonly volatility: Float64Array;
  readonly df: Float64Array;
  readonly isCall: Uint8Array;
}

/** Outputs by column, in the conventions of `blackGreeks` (per unit, years, volatility as a fraction). */
export interface GreekColumns {
  readonly price: Float64Array;
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  readonly theta: Float64Array;
  readonly rho: Float64Array;
}

/**
 * Prices and five Greeks of the options in [from, to), without allocation. Agrees with `blackGreeks` to 1e-12 of the
 * larger of the price and 1e-6 of the forward for total volatilities above 0.001. Inputs are not checked: what is not a
 * number, or negative where it may not be, comes out as NaN in that element alone.
 */
export function priceOptions(options: OptionColumns, out: GreekColumns, from: number, to: number): void {
  const { forward, strike, tau, volatility, df, isCall } = options;
  for (let i = from; i < to; i++) {
    const F = forward[i]!;
    const K = strike[i]!;
    const T = tau[i]!;
    const vol = volatility[i]!;
    const discount = df[i]!;
    const call = isCall[i] !== 0;
    const root = Math.sqrt(T);
    const s = vol * root;
    const rate = discount === 1 || !(T > 0) ? 0 : -fastLog(discount) / T;
    if (!(s > 0) || K === 0) {
      // the difference of a NaN or a negative input carries on as NaN
      const bad = s >= 0 && K >= 0 && F > 0 ? 0 : Number.NaN;
      const price = discount * Math.max(0, call ? F - K : K - F) + bad;
      out.price[i] = price;
      out.delta[i] = (call ? (F > K ? discount : 0) : F < K ? -discount : 0) + bad;
      out.gamma[i] = bad;
      out.vega[i] = bad;
      out.theta[i] = rate * price;
      out.rho[i] = -T * price;
      continue;
    }
    const inverted = F > K;
    const low = inverted ? K : F;
    const high = inverted ? F : K;
    const ratio = low / high;
    const d1 = fastLog(ratio) / s + 0.5 * s;
    const d2 = d1 - s;
    const density = fastExp(-0.5 * d1 * d1);
    // N(d1) of the out-of-the-money option and its complement, each without cancellation
    const y1 = Math.abs(d1) * Math.SQRT1_2;
    let below: number;
    let above: number;
    if (y1 <= CENTRE) {
      const half = 0.5 * centralErf(d1 * Math.SQRT1_2);
      below = 0.5 + half;
      above = 0.5 - half;
    } else {
      const tail = 0.5 * density * scaledTail(y1);
      below = d1 > 0 ? 1 - tail : tail;
      above = d1 > 0 ? tail : 1 - tail;
    }
    // d2 <= d1 - s is negative or near 0: its lower tail is the small one
    const lower = lowerTail(d2, density * ratio);
    const otm = Math.max(0, low * below - high * lower);
    const price = discount * (inverted === call ? high - low + otm : otm);
    const weight = discount * low * density * INV_SQRT_2PI;
    const vega = weight * root;
    out.price[i] = price;
    // an option on the other side of the forward mirrors: N(d1) = 1 - N(d2 of the out-of-the-money one)
    out.delta[i] = discount * (inverted ? (call ? 1 - lower : -lower) : call ? below : -above);
    out.gamma[i] = weight / (F * F * s);
    out.vega[i] = vega;
    out.theta[i] = rate * price - (vega * vol) / (2 * T);
    out.rho[i] = -T * price;
  }
}
