import type { UnixMs } from '../../risk/units/time.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { GUARD_LIMITS } from './limits.ts';
import type { FeedMemory } from './memory.ts';
import { bps, type GuardReason, inBps } from './reason.ts';

const NO_REASONS: readonly GuardReason[] = [];

const distance = (a: Wad, b: Wad): Wad => (a > b ? a - b : b - a);

/** |a - b| relative to the smaller of both, so that a fall to a tenth counts like a rise to the tenfold. */
export function isBeyond(a: Wad, b: Wad, limitBps: number): boolean {
  const limitPpm = Math.round(limitBps * 100);
  const x = Number(a);
  const y = Number(b);
  // Doubles tell two prices apart to about 1e-16 of them; only near the limit bigints decide.
  const left = Math.abs(x - y) * 1e6;
  const right = Math.min(x, y) * limitPpm;
  const near = 1e-9 * (Math.abs(x) + Math.abs(y) + Math.abs(right));
  if (left > right + near) return true;
  if (left < right - near) return false;
  const smaller = a < b ? a : b;
  return distance(a, b) * 1_000_000n > smaller * BigInt(limitPpm);
}

/** A last good price that still says something: not of the future, and not too old. */
function usableLastGood(memory: FeedMemory, nowMs: UnixMs): FeedMemory['lastGood'] {
  const { lastGood } = memory;
  if (lastGood === null || lastGood.priceWad <= 0n) return null;
  const ageMs = nowMs - lastGood.atMs;
  return ageMs >= 0 && ageMs <= GUARD_LIMITS.maxLastGoodSeconds * 1000 ? lastGood : null;
}

/**
 * Compares a price with the hourly average and with the last good price. The limit for the latter grows with the
 * square root of its age in hours, as the range of a random walk does.
 */
export function checkJump(
  priceWad: Wad,
  memory: FeedMemory,
  jumpBps: number,
  nowMs: UnixMs,
): GuardReason | null {
  const { ema1hWad } = memory;
  if (ema1hWad !== null && ema1hWad > 0n && isBeyond(priceWad, ema1hWad, jumpBps)) {
    const away = distance(priceWad, ema1hWad);
    const message = `${bps(away, ema1hWad)} from the hourly average, the limit is ${jumpBps} bp`;
    return { code: 'jump', message, measure: inBps(away, ema1hWad, jumpBps) };
  }
  const lastGood = usableLastGood(memory, nowMs);
  if (lastGood === null) return null;
  const hours = (nowMs - lastGood.atMs) / 3_600_000;
  const limit = Math.round(jumpBps * Math.sqrt(Math.max(1, hours)));
  if (!isBeyond(priceWad, lastGood.priceWad, limit)) return null;
  const away = distance(priceWad, lastGood.priceWad);
  const message = `${bps(away, lastGood.priceWad)} from the last good price, the limit is ${limit} bp`;
  return { code: 'jump', message, measure: inBps(away, lastGood.priceWad, limit) };
}

/** The average, once it is one: the first prices after a start would otherwise confirm themselves. */
function usableAverage({ ema1hWad, averageSinceMs }: FeedMemory, nowMs: UnixMs): Wad | null {
  const young = averageSinceMs !== null && !(nowMs - averageSinceMs >= GUARD_LIMITS.minAverageSeconds * 1000);
  return young ? null : ema1hWad;
}

/** Whether anything is remembered with which a price can be compared. */
export const hasHistory = (memory: FeedMemory, nowMs: UnixMs): boolean =>
  usableAverage(memory, nowMs) !== null || usableLastGood(memory, nowMs) !== null;

/** Whether everything that is remembered, and at least something, lies within the limit of the price. */
export function historyConfirms(priceWad: Wad, memory: FeedMemory, limitBps: number, nowMs: UnixMs): boolean {
  const average = usableAverage(memory, nowMs);
  const lastGood = usableLastGood(memory, nowMs)?.priceWad ?? null;
  if (average === null && lastGood === null) return false;
  if (average !== null && !(average > 0n && !isBeyond(priceWad, average, limitBps))) return false;
  return lastGood === null || (lastGood > 0n && !isBeyond(priceWad, lastGood, limitBps));
}

/** Compares with the same asset on other chains, where it was published recently. */
export function checkOtherChains(
  priceWad: Wad,
  memory: FeedMemory,
  limitBps: number,
  nowMs: UnixMs,
): readonly GuardReason[] {
  if (memory.otherChains.length === 0) return NO_REASONS;
  const reasons: GuardReason[] = [];
  for (const { chain, priceWad: other, atMs } of memory.otherChains) {
    const ageMs = nowMs - atMs;
    if (!(ageMs >= 0 && ageMs <= GUARD_LIMITS.maxOtherChainSeconds * 1000) || other <= 0n) continue;
    if (!isBeyond(priceWad, other, limitBps)) continue;
    const away = distance(priceWad, other);
    const message = `${bps(away, other)} from the price on ${chain}, the limit is ${limitBps} bp`;
    reasons.push({ code: 'chain-skew', message, measure: inBps(away, other, limitBps) });
  }
  return reasons;
}
