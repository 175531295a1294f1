/**
 * Moments of the demo's market, which begins at 13:00 and goes a minute a second: half a minute after its start all of
 * them are over.
 */
export const EARLIER = '2025-07-01T13:20:00Z';
export const LATER = '2025-07-01T13:30:00Z';
/** Before everything that the demo lists newest first. */
export const FAR_AHEAD_MS = Date.UTC(2100, 0);
