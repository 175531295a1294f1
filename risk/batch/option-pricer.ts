import { CENTRE, centralErf, scaledTail } from '../statistics/error-function.ts';
import { fastExp, fastLog } from './elementary.ts';

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

/** Options that go through the steps together: what lies between the steps stays in the nearest cache. */
const CHUNK = 256;
const scratch = () => new Float64Array(CHUNK);
const first = { d: scratch(), density: scratch(), below: scratch(), above: scratch() };
const second = { d: scratch(), density: scratch(), below: scratch(), above: scratch() };

/**
 * d1 and d2 of the out-of-the-money option (call when F <= K, else put) and exp(-d^2/2) of both, for `count` options
 * from `start`. Steps are loops of their own, so that each is compiled with all that it calls inside.
 */
function distances(options: OptionColumns, start: number, count: number): void {
  const { forward, strike, tau, volatility } = options;
  for (let j = 0; j < count; j++) {
    const i = start + j;
    const F = forward[i]!;
    const K = strike[i]!;
    const s = volatility[i]! * Math.sqrt(tau[i]!);
    const ratio = Math.min(F, K) / Math.max(F, K);
    const d1 = fastLog(ratio) / s + 0.5 * s;
    const density = fastExp(-0.5 * d1 * d1);
    first.d[j] = d1;
    first.density[j] = density;
    second.d[j] = d1 - s;
    second.density[j] = density * ratio;
  }
}

/** N(d) and N(-d), neither as a difference from 1 where it is small. */
function tails({ d, density, below, above }: typeof first, count: number): void {
  for (let j = 0; j < count; j++) {
    const x = d[j]!;
    const y = Math.abs(x) * Math.SQRT1_2;
    if (y <= CENTRE) {
      const half = 0.5 * centralErf(x * Math.SQRT1_2);
      below[j] = 0.5 + half;
      above[j] = 0.5 - half;
    } else {
      const tail = 0.5 * density[j]! * scaledTail(y);
      below[j] = x > 0 ? 1 - tail : tail;
      above[j] = x > 0 ? tail : 1 - tail;
    }
  }
}

/**
 * Prices and five Greeks of the options in [from, to), without allocation. Each is within 1e-12 of what `blackGreeks`
 * gives, relative (theta: of the larger of carry and decay). Inputs are not checked: what is not a number, or negative
 * where it may not be, comes out as NaN in that element alone.
 */
export function priceOptions(options: OptionColumns, out: GreekColumns, from: number, to: number): void {
  for (let start = from; start < to; start += CHUNK) {
    const count = Math.min(CHUNK, to - start);
    distances(options, start, count);
    tails(first, count);
    tails(second, count);
    finish(options, out, start, count);
  }
}

function finish(options: OptionColumns, out: GreekColumns, start: number, count: number): void {
  const { forward, strike, tau, volatility, df, isCall } = options;
  const { price: prices, delta: deltas, gamma: gammas, vega: vegas, theta: thetas, rho: rhos } = out;
  for (let j = 0; j < count; j++) {
    const i = start + j;
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
      // the sum with a NaN carries a bad input on
      const bad = s >= 0 && K >= 0 && F > 0 ? 0 : Number.NaN;
      const price = discount * Math.max(0, call ? F - K : K - F) + bad;
      prices[i] = price;
      deltas[i] = (call ? (F > K ? discount : 0) : F < K ? -discount : 0) + bad;
      gammas[i] = bad;
      vegas[i] = bad;
      thetas[i] = rate * price;
      rhos[i] = -T * price;
      continue;
    }
    const inverted = F > K;
    const low = inverted ? K : F;
    const high = inverted ? F : K;
    const lower = second.below[j]!;
    const otm = Math.max(0, low * first.below[j]! - high * lower);
    const price = discount * (inverted === call ? high - low + otm : otm);
    const weight = discount * low * first.density[j]! * INV_SQRT_2PI;
    const vega = weight * root;
    prices[i] = price;
    // an option on the other side of the forward mirrors: N(d1) is N(-d2) of the out-of-the-money one
    const ahead = inverted ? second.above[j]! : first.below[j]!;
    const behind = inverted ? lower : first.above[j]!;
    deltas[i] = discount * (call ? ahead : -behind);
    gammas[i] = weight / (F * F * s);
    vegas[i] = vega;
    thetas[i] = rate * price - (vega * vol) / (2 * T);
    rhos[i] = -T * price;
  }
}
