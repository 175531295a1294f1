import type { SmilePoint } from '../market/option-data.ts';
import { blackPrice } from './black76.ts';
import { type Svi, sviFaults, sviVariance } from './svi.ts';

/** One expiry of a surface: `tau` in years, and its smile as raw SVI or as points by strike, ascending. */
export interface SurfaceSlice {
  readonly tau: number;
  readonly forward: number;
  readonly smile: Svi | readonly SmilePoint[];
}

/** Where a surface allows an arbitrage: `index` is that of the slice, `point` that of its point (grids only). */
export interface SurfaceFault {
  readonly kind: 'butterfly' | 'calendar';
  readonly index: number;
  readonly point: number | null;
  readonly message: string;
}

/** Prices of a grid may be wrong by this share of the forward: rounding of volatilities is no arbitrage. */
const TOLERANCE = 1e-6;

const isSvi = (smile: SurfaceSlice['smile']): smile is Svi => 'sigma' in smile;

/**
 * Static arbitrage in a surface. Within an expiry: density of an SVI smile (Durrleman), or calls at the quoted strikes
 * that are not decreasing and convex in strike (Carr and Madan 2005). Between expiries: total variance that falls
 * with time at one moneyness, at the points of grids and where both smiles reach. Inputs are expected to be valid
 * one by one. Empty: none found.
 */
export function surfaceFaults(slices: readonly SurfaceSlice[]): readonly SurfaceFault[] {
  const faults = slices.flatMap((slice, index) => butterflies(slice, index));
  const order = slices.map((_, index) => index).sort((a, b) => slices[a]!.tau - slices[b]!.tau);
  order.slice(1).forEach((later, i) => {
    const fault = calendar(slices, order[i]!, later);
    if (fault !== null) faults.push(fault);
  });
  return faults;
}

function butterflies({ smile, tau, forward }: SurfaceSlice, index: number): SurfaceFault[] {
  if (isSvi(smile)) {
    const [first] = sviFaults([smile]);
    if (first === undefined) return [];
    const message = `implies a negative density at log-moneyness ${first.k.toFixed(4)}`;
    return [{ kind: 'butterfly', index, point: null, message }];
  }
  // A strike of 0 is worth the forward, and closes the grid on the left.
  const quoted = smile.map(({ strike, volatility }) => ({
    strike,
    price: blackPrice(forward, strike, tau, volatility, 1, true),
  }));
  const calls = [{ strike: 0, price: forward }, ...quoted];
  const tolerance = TOLERANCE * forward;
  for (let i = 1; i < calls.length; i++) {
    const [left, here, right] = [calls[i - 1]!, calls[i]!, calls[i + 1]];
    if (here.price > left.price + tolerance) {
      const message = `makes a call at ${here.strike} dearer than one at ${left.strike}`;
      return [{ kind: 'butterfly', index, point: i - 1, message }];
    }
    if (right === undefined) continue;
    const share = (right.strike - here.strike) / (right.strike - left.strike);
    if (share * left.price + (1 - share) * right.price < here.price - tolerance) {
      const message = `makes the butterfly ${left.strike}/${here.strike}/${right.strike} cost less than nothing`;
      return [{ kind: 'butterfly', index, point: i - 1, message }];
    }
  }
  return [];
}

/** Total variance at log-moneyness k; null beyond the points of a grid. */
function totalVariance({ smile, tau, forward }: SurfaceSlice, k: number): number | null {
  if (isSvi(smile)) return sviVariance(smile, k).w;
  const strike = forward * Math.exp(k);
  const slack = 1e-12 * strike;
  for (let i = 0; i < smile.length; i++) {
    const here = smile[i]!;
    if (Math.abs(here.strike - strike) <= slack) return here.volatility ** 2 * tau;
    const left = smile[i - 1];
    if (left === undefined || !(left.strike < strike && strike < here.strike)) continue;
    const share = (strike - left.strike) / (here.strike - left.strike);
    return (left.volatility + share * (here.volatility - left.volatility)) ** 2 * tau;
  }
  return null;
}

function calendar(slices: readonly SurfaceSlice[], early: number, late: number): SurfaceFault | null {
  const [a, b] = [slices[early]!, slices[late]!];
  const fault = (k: number): SurfaceFault => ({
    kind: 'calendar',
    index: late,
    point: null,
    message: `has less total variance at log-moneyness ${k.toFixed(4)} than the earlier expiry of element ${early}`,
  });
  if (isSvi(a.smile) && isSvi(b.smile)) {
    const found = sviFaults([a.smile, b.smile]).find(({ kind }) => kind === 'calendar');
    return found === undefined ? null : fault(found.k);
  }
  const nodes = [a, b].flatMap(({ smile, forward }) =>
    isSvi(smile) ? [] : smile.map(({ strike }) => Math.log(strike / forward)),
  );
  for (const k of nodes) {
    const [before, after] = [totalVariance(a, k), totalVariance(b, k)];
    if (before !== null && after !== null && after < before * (1 - TOLERANCE)) return fault(k);
  }
  return null;
}
