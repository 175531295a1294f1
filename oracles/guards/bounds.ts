import { wadToDecimal } from '../../risk/units/wad.ts';
import { GUARD_LIMITS } from './limits.ts';
import type { GuardReason } from './reason.ts';

/** Plausibility bounds of the feed, in its quote asset. */
export function checkPlausible(priceWad: bigint, minWad: bigint, maxWad: bigint): GuardReason | null {
  if (priceWad >= minWad && priceWad <= maxWad) return null;
  const message = `${wadToDecimal(priceWad)} is outside ${wadToDecimal(minWad)} to ${wadToDecimal(maxWad)}`;
  return { code: 'bounds', message };
}

/**
 * Bounds to which the source itself clamps (Chainlink's min and max answer), in the source's own unit: at a bound the
 * answer is no measurement (LUNA, May 2022), close to it the next one may not be.
 */
export function checkNearBound(price: bigint, min: bigint | null, max: bigint | null): GuardReason | null {
  const margin = BigInt(GUARD_LIMITS.nearBoundBps);
  const nearMin = min !== null && min > 0n && price * 10_000n <= min * (10_000n + margin);
  const nearMax = max !== null && max > 0n && price * 10_000n >= max * (10_000n - margin);
  if (!nearMin && !nearMax) return null;
  return {
    code: 'near-bound',
    message: `${price} is at the aggregator's ${nearMin ? `minimum ${min}` : `maximum ${max}`}`,
  };
}
