import { SECONDS_PER_YEAR, type Seconds, type UnixSeconds } from '../../risk/units/time.ts';

/** A known rate of a token that grows against what it wraps, and how fast it may at most. */
export interface GrowthSnapshot {
  readonly ratio: bigint;
  readonly takenAtSeconds: UnixSeconds;
  readonly maxYearlyGrowthBps: number;
}

/** Growth per second is kept with six more digits than the ratio, rounded down. */
const GROWTH_SCALE = 1_000_000n;

/** Greatest growth of the ratio per second, in millionths of its unit. */
export function maxGrowthPerSecondScaled({ ratio, maxYearlyGrowthBps }: GrowthSnapshot): bigint {
  return (ratio * BigInt(maxYearlyGrowthBps) * GROWTH_SCALE) / 10_000n / BigInt(SECONDS_PER_YEAR);
}

/** Greatest ratio that the snapshot allows at a time. Before the snapshot it allows the snapshot itself. */
export function maxRatio(snapshot: GrowthSnapshot, atSeconds: UnixSeconds): bigint {
  const elapsed: Seconds = Math.max(0, Math.floor(atSeconds - snapshot.takenAtSeconds));
  return snapshot.ratio + (maxGrowthPerSecondScaled(snapshot) * BigInt(elapsed)) / GROWTH_SCALE;
}

/**
 * The ratio held at the growth limit, and whether it had to be: a cap that binds is an alarm, not a price. In March 2026
 * one that lagged the market by 2.85 % had healthy positions liquidated. One-sided: a falling ratio is not held up.
 */
export function capRatio(
  snapshot: GrowthSnapshot,
  ratio: bigint,
  atSeconds: UnixSeconds,
): { readonly ratio: bigint; readonly capped: boolean } {
  if (ratio <= 0n) return { ratio: 0n, capped: false };
  const limit = maxRatio(snapshot, atSeconds);
  return ratio > limit ? { ratio: limit, capped: true } : { ratio, capped: false };
}
