import type { UnixMs } from '../risk/units/time.ts';

/** Start of the interval of length `intervalMs` that `atMs` falls in. */
export function bucketOf(atMs: UnixMs, intervalMs: number): UnixMs {
  return Math.floor(atMs / intervalMs) * intervalMs;
}
