import type { Wad } from '../../risk/units/wad.ts';
import type { SourcePlan } from './plan.ts';

/** A half width before its age widens it: bigints take their time, and of most only the size is needed. */
export interface AgedWidth {
  readonly plan: Pick<SourcePlan, 'maxAgeMs' | 'wholeMaxAgeMs'>;
  readonly ownHalfWidthWad: Wad;
  /** The same as a double. */
  readonly ownHalfWidthNumber: number;
  /** Age in whole milliseconds, from 0 to the source's permitted age. */
  readonly wholeAgeMs: number;
}

export function wholeAge(ageMs: number, maxAgeMs: number): number {
  return Math.min(Math.round(maxAgeMs), Math.max(0, Math.round(ageMs)));
}

/** The half width doubles over the source's permitted age: an old price is known less well. Never 0. */
export function halfWidthOf({ plan, ownHalfWidthWad, wholeAgeMs }: AgedWidth): Wad {
  const { wholeMaxAgeMs } = plan;
  const wide =
    wholeAgeMs === 0
      ? ownHalfWidthWad
      : (ownHalfWidthWad * (wholeMaxAgeMs + BigInt(wholeAgeMs))) / wholeMaxAgeMs;
  return wide > 0n ? wide : 1n;
}

/** The same as a double, off by at most 1e-15 of it and two units. */
export function halfWidthNumber({ plan, ownHalfWidthNumber, wholeAgeMs }: AgedWidth): number {
  return ownHalfWidthNumber * (1 + wholeAgeMs / Math.round(plan.maxAgeMs));
}
