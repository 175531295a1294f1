import { InvalidInputError } from '../errors.ts';

/**
 * Raw SVI of one expiry (Gatheral 2004): total variance w(k) = a + b (rho (k - m) + sqrt((k - m)^2 + sigma^2)) at
 * log-moneyness k = ln(strike / forward), over `tau` years.
 */
export interface Svi {
  readonly a: number;
  readonly b: number;
  readonly rho: number;
  readonly m: number;
  readonly sigma: number;
  readonly tau: number;
}

/** Why a surface is not free of arbitrage. */
export type SviFault =
  | { readonly kind: 'butterfly'; readonly tau: number; readonly k: number; readonly density: number }
  | { readonly kind: 'calendar'; readonly tau: number; readonly laterTau: number; readonly k: number };

/** @throws InvalidInputError naming the parameter: b >= 0, |rho| < 1, sigma > 0, tau > 0, least variance >= 0. */
export function checkSvi(svi: Svi): void {
  for (const [name, value] of Object.entries(svi)) {
    if (!Number.isFinite(value)) throw new InvalidInputError(name, 'must be finite');
  }
  if (svi.b < 0) throw new InvalidInputError('b', 'must not be negative');
  if (!(Math.abs(svi.rho) < 1)) throw new InvalidInputError('rho', 'must be between -1 and 1');
  if (svi.sigma <= 0) throw new InvalidInputError('sigma', 'must be positive');
  if (svi.tau <= 0) throw new InvalidInputError('tau', 'must be positive');
  const least = svi.a + svi.b * svi.sigma * Math.sqrt(1 - svi.rho * svi.rho);
  if (least < 0) throw new InvalidInputError('a', 'makes the least variance negative');
}

/** Total variance at log-moneyness `k`, with its first and second derivative. */
export function sviVariance({ a, b, rho, m, sigma }: Svi, k: number) {
  const x = k - m;
  const root = Math.sqrt(x * x + sigma * sigma);
  return {
    w: a + b * (rho * x + root),
    slope: b * (rho + x / root),
    curvature: (b * sigma * sigma) / (root * root * root),
  };
}

/** Annualised volatility at a strike. */
export function sviVolatility(svi: Svi, forward: number, strike: number): number {
  return Math.sqrt(Math.max(0, sviVariance(svi, Math.log(strike / forward)).w) / svi.tau);
}

/**
 * Durrleman's g(k): the implied density is proportional to it, so a negative value is a butterfly arbitrage (Gatheral
 * and Jacquier 2014).
 */
export function sviDensity(svi: Svi, k: number): number {
  const { w, slope, curvature } = sviVariance(svi, k);
  const first = 1 - (k * slope) / (2 * w);
  return first * first - ((slope * slope) / 4) * (1 / w + 0.25) + curvature / 2;
}

/**
 * Arbitrage in a surface, looked for on `points` log-moneynesses out to `width` standard deviations of the longest expiry:
 * negative density within an expiry, and total variance that falls from one expiry to the next. Empty: none found.
 */
export function sviFaults(surface: readonly Svi[], points = 201, width = 5): readonly SviFault[] {
  const ordered = [...surface].sort((a, b) => a.tau - b.tau);
  const faults: SviFault[] = [];
  const longest = ordered.at(-1);
  if (!longest) return faults;
  const reach = width * Math.sqrt(Math.max(0, sviVariance(longest, 0).w));
  const tolerance = 1e-12;
  ordered.forEach((svi, i) => {
    checkSvi(svi);
    const later = ordered[i + 1];
    for (let n = 0; n < points; n++) {
      const k = reach * ((2 * n) / (points - 1) - 1);
      const density = sviDensity(svi, k);
      if (density < -tolerance) faults.push({ kind: 'butterfly', tau: svi.tau, k, density });
      if (later && sviVariance(later, k).w < sviVariance(svi, k).w - tolerance) {
        faults.push({ kind: 'calendar', tau: svi.tau, laterTau: later.tau, k });
      }
    }
  });
  return faults;
}
