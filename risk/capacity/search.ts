import type { Wad } from '../units/wad.ts';

/** Bisection to a millionth between an amount that is allowed and one that is not; the lower one. */
function between(allowed: (amount: Wad) => boolean, from: Wad, to: Wad, finest: Wad): Wad {
  let low = from;
  let high = to;
  while (high - low > low / 1_000_000n + finest) {
    const middle = (low + high) / 2n;
    if (allowed(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * Largest amount for which `allowed` holds, assuming that it holds for all smaller ones: doubling, then bisection to
 * a millionth. Rounds down.
 */
export function largest(allowed: (amount: Wad) => boolean, limit: Wad): Wad {
  if (limit <= 0n || !allowed(1n)) return 0n;
  let low = 1n;
  while (low < limit) {
    const next = low * 2n < limit ? low * 2n : limit;
    if (!allowed(next)) return between(allowed, low, next, 1n);
    low = next;
  }
  return limit;
}

/** The same up to a limit that is expected to be reached, to a millionth of it: a rounded digit decides nothing. */
export function largestUpTo(allowed: (amount: Wad) => boolean, limit: Wad): Wad {
  if (limit <= 0n) return 0n;
  return allowed(limit) ? limit : between(allowed, 0n, limit, limit / 1_000_000n + 1n);
}
