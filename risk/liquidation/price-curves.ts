/** Price of an auction as a fraction of its starting price, by seconds since the start; all from 1 towards 0. */
export type PriceCurve =
  | { readonly kind: 'linear'; readonly durationSeconds: number }
  /** Multiplied by `cut` every second. */
  | { readonly kind: 'exponential'; readonly cut: number }
  /** Multiplied by `cut` every `stepSeconds`. */
  | { readonly kind: 'stairstep'; readonly cut: number; readonly stepSeconds: number };

/** Fraction of the starting price after `seconds` (the curves of Maker's liquidations 2.0). */
export function curveFraction(curve: PriceCurve, seconds: number): number {
  const elapsed = Math.max(0, seconds);
  if (curve.kind === 'linear') return Math.max(0, 1 - elapsed / curve.durationSeconds);
  if (curve.kind === 'exponential') return curve.cut ** elapsed;
  return curve.cut ** Math.floor(elapsed / curve.stepSeconds);
}

/** Seconds until the price has fallen to `fraction` of the start; Infinity when it never gets there. */
export function secondsToFraction(curve: PriceCurve, fraction: number): number {
  if (fraction >= 1) return 0;
  if (curve.kind === 'linear')
    return fraction < 0 ? Number.POSITIVE_INFINITY : (1 - fraction) * curve.durationSeconds;
  if (fraction <= 0) return Number.POSITIVE_INFINITY;
  const steps = Math.log(fraction) / Math.log(curve.cut);
  return curve.kind === 'exponential' ? steps : Math.ceil(steps - 1e-12) * curve.stepSeconds;
}
