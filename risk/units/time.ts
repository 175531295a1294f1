/** Milliseconds since 1970-01-01T00:00:00Z. */
export type UnixMs = number;
/** Seconds since 1970-01-01T00:00:00Z. */
export type UnixSeconds = number;
export type Seconds = number;

export const MS_PER_HOUR = 3_600_000;
export const SECONDS_PER_YEAR = 31_536_000;

/**
 * Market time. In live mode it is wall time; in demo and replay it is the driver's time, and anvil
 * blocks, publish times and verdict ages follow it. Keys, locks and job delays use wall time instead.
 * Pure code never takes a Clock, only a `now`.
 */
export interface Clock {
  nowMs(): UnixMs;
}
