/**
 * Limits that are not per feed. They are part of the configuration hash. Where each comes from: docs/oracles.md.
 */
export const GUARD_LIMITS = {
  /** Version of the evaluation; stepped with any change that changes an answer. */
  evaluation: 1,
  /** A publish time may be this far ahead of now: clocks differ by a block time at most. */
  maxFutureSeconds: 15,
  /** A chain quote read longer ago than this says what was true then, not what is. */
  maxReadAgeSeconds: 300,
  /** Legs of a cross price may be this far apart in time. */
  maxLegSkewSeconds: 3600,
  /** Closer than this to a bound of the aggregator, in basis points, and the answer may be clamped next. */
  nearBoundBps: 100,
  /** A source whose own confidence is wider than this multiple of the feed's `maxConfidenceBps` is left out. */
  sourceConfidenceMultiple: 2,
  /** `liquidate` and `margin` close at these multiples of `maxConfidenceBps`; `open` at one. */
  liquidateConfidenceMultiple: 2,
  marginConfidenceMultiple: 4,
  /** Half width of a pool price whose fee is unknown, in hundredths of a basis point. */
  defaultPoolFeePips: 3000,
  /** Independent groups that `open` needs even where `minGroups` is 1, if the feed has as many. */
  openGroups: 2,
} as const;
