import { WAD } from '../../risk/units/wad.ts';

/** A breaker either lets a price through, takes the fallback, or trips with a reason. */
export type BreakerOutcome =
  | { readonly ok: true; readonly price: bigint }
  | { readonly ok: false; readonly code: 'deviation' | 'stale-source' | 'non-positive-price' };

/**
 * Lets `primary` through while |primary - comparison| / |primary| is at most the tolerance (18 decimals). A primary of
 * 0 has no relative deviation and trips.
 */
export function deviationBreaker(primary: bigint, comparison: bigint, toleranceWad: bigint): BreakerOutcome {
  if (primary === 0n) return { ok: false, code: 'non-positive-price' };
  const difference = primary > comparison ? primary - comparison : comparison - primary;
  const magnitude = primary < 0n ? -primary : primary;
  if ((difference * WAD) / magnitude > toleranceWad) return { ok: false, code: 'deviation' };
  return { ok: true, price: primary };
}

/**
 * Lets a price through while it is at most `toleranceSeconds` old, else takes the fallback if there is one. Times ahead
 * of now pass here: refusing those is the age guard's part.
 */
export function stalenessBreaker(
  value: { readonly price: bigint; readonly ageSeconds: number },
  fallback: bigint | null,
  toleranceSeconds: number,
): BreakerOutcome {
  if (value.ageSeconds <= toleranceSeconds) return { ok: true, price: value.price };
  return fallback === null ? { ok: false, code: 'stale-source' } : { ok: true, price: fallback };
}
