import { apply, dot, multiply, symmetricEigen, symmetricRoot, trace, transpose } from './matrix.ts';
import { inverseNormal, normalCdf, normalPdf } from './normal.ts';

/** PnL = delta' u + u' gamma u / 2 with u ~ N(0, omega); row-major symmetric matrices. */
export interface DeltaGamma {
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly omega: Float64Array;
}

/**
 * First `count` cumulants: k1 = tr(GO)/2, kr = (r-1)!/2 tr((GO)^r) + r!/2 d'O (GO)^(r-2) d for r >= 2.
 */
export function cumulants({ delta, gamma, omega }: DeltaGamma, count: number): number[] {
  const n = delta.length;
  const product = multiply(gamma, omega, n);
  const omegaDelta = apply(omega, delta);
  const all: number[] = [trace(product, n) / 2];
  let power = product;
  // (GO)^(r-2) d, from r = 2
  let moved: Float64Array = delta;
  let factorial = 1;
  for (let r = 2; r <= count; r++) {
    factorial *= r - 1;
    power = multiply(power, product, n);
    all.push((factorial / 2) * trace(power, n) + ((factorial * r) / 2) * dot(omegaDelta, moved));
    moved = apply(product, moved);
  }
  return all;
}

/** Delta-gamma-normal: mean and variance of the quadratic form, normal quantile. */
export function deltaGammaNormalVar(book: DeltaGamma, p: number): number {
  const [mean, variance] = cumulants(book, 2) as [number, number];
  return mean + Math.sqrt(variance) * inverseNormal(p);
}

/**
 * Cornish-Fisher expansion with the first four cumulants (Abramowitz and Stegun 26.2.49 to second order). It is poor
 * far from normal: compare with the saddlepoint.
 */
export function cornishFisherVar(book: DeltaGamma, p: number): number {
  const [mean, variance, k3, k4] = cumulants(book, 4) as [number, number, number, number];
  const deviation = Math.sqrt(variance);
  if (deviation === 0) return mean;
  const z = inverseNormal(p);
  const [skew, kurtosis] = [k3 / deviation ** 3, k4 / deviation ** 4];
  const z2 = z * z;
  const w =
    z + (skew * (z2 - 1)) / 6 + (kurtosis * z * (z2 - 3)) / 24 - (skew * skew * z * (2 * z2 - 5)) / 36;
  return mean + deviation * w;
}

/** Independent terms a_i z_i + l_i z_i^2 / 2 of the quadratic form. */
export function diagonalise({ delta, gamma, omega }: DeltaGamma) {
  const n = delta.length;
  const root = symmetricRoot(omega, n);
  const inner = multiply(transpose(root, n), multiply(gamma, root, n), n);
  const { values, vectors } = symmetricEigen(inner, n);
  const linear = apply(transpose(vectors, n), apply(transpose(root, n), delta));
  return { linear, quadratic: values };
}

/**
 * Quantile by the saddlepoint approximation of Lugannani and Rice (1980) on the exact cumulant generating function;
 * the probability is monotone along the saddle, which is bisected.
 */
export function saddlepointVar(book: DeltaGamma, p: number): number {
  const { linear, quadratic } = diagonalise(book);
  const scale = Math.sqrt(cumulants(book, 2)[1]!);
  if (scale === 0) return 0;
  const curve = (t: number) => {
    let [k, k1, k2] = [0, 0, 0];
    for (let i = 0; i < linear.length; i++) {
      const a2 = (linear[i]! / scale) ** 2;
      const l = quadratic[i]! / scale;
      const u = 1 - l * t;
      k += -0.5 * Math.log(u) + (0.5 * a2 * t * t) / u;
      k1 += (0.5 * l) / u + (a2 * t * (1 - 0.5 * l * t)) / (u * u);
      k2 += (0.5 * l * l) / (u * u) + a2 / (u * u * u);
    }
    return { k, k1, k2 };
  };
  const probability = (t: number): number => {
    const { k, k1, k2 } = curve(t);
    const w = Math.sign(t) * Math.sqrt(Math.max(0, 2 * (t * k1 - k)));
    const v = t * Math.sqrt(k2);
    // at the mean the expansion is 0/0; its limit needs the skewness
    if (Math.abs(w) < 1e-4) return normalCdf(w) + normalPdf(w) * meanCorrection(book, scale);
    return normalCdf(w) + normalPdf(w) * (1 / w - 1 / v);
  };
  // Outwards from the mean: far beyond the quantile the expansion need not be monotone.
  const side = probability(0) < p ? 1 : -1;
  const pole = Math.max(0, ...Array.from(quadratic, (l) => (side * l) / scale));
  const edge = pole > 1e-12 ? (1 - 1e-12) / pole : Number.MAX_VALUE;
  let reach = Math.min(0.25, edge / 2);
  const beyond = (t: number) => side * (probability(side * t) - p) >= 0;
  for (let i = 0; i < 200 && reach < edge && !beyond(reach); i++) reach = Math.min(edge, reach * 1.5);
  let low = side > 0 ? 0 : -reach;
  let high = side > 0 ? reach : 0;
  for (let i = 0; i < 200; i++) {
    const middle = (low + high) / 2;
    if (probability(middle) < p) low = middle;
    else high = middle;
  }
  return curve((low + high) / 2).k1 * scale;
}

function meanCorrection(book: DeltaGamma, scale: number): number {
  return cumulants(book, 3)[2]! / scale ** 3 / 6;
}
