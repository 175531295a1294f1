/**
 * Limits that are not per feed. They are part of the configuration hash. Where each comes from: docs/oracles.md.
 */
export const GUARD_LIMITS = {
  /** Version of the evaluation; stepped with any change that changes an answer. */
  evaluation: 6,
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
  /** An observed average over less than this can be moved within a few blocks. */
  minWindowSeconds: 1800,
  /** An observed price with less depth behind it, in USD, can be moved for less than it is worth. */
  minDepthUsd: 1_000_000,
  /** Depth in USD from which a source proves that a whole market moved. */
  deepDepthUsd: 2_000_000,
  /** So many deep groups are not outvoted by sources that are less deep. */
  deepDissentGroups: 2,
  /** An average that has come this share of the way from the hourly average to the price lags, in percent. */
  laggingPercent: 10,
  /** And at least so many basis points: in calm markets averages over different times differ by up to 1 %. */
  laggingBps: 120,
  /** Legs of an observed composed price may be this far apart: one that stands still makes a false cross rate. */
  maxObservedLegSkewSeconds: 180,
  /** Samples of an average that are this factor apart (in basis points) hide a jump in a mean. */
  maxSampleSpreadBps: 2000,
  /** An average over less than this, in seconds, is the price itself and confirms nothing. */
  minAverageSeconds: 600,
  /** A last good price older than this says nothing about now. */
  maxLastGoodSeconds: 86_400,
  /** The same asset on another chain is compared while its price there is at most this old. */
  maxOtherChainSeconds: 3600,
  /** Seconds for which an L2 keeps new risk and liquidation closed after its sequencer came back. */
  sequencerGraceSeconds: 3600,
  /** Beyond this distance from a rate's growth limit a price is no longer used even for margin, in basis points. */
  maxAnchorBreachBps: 1000,
  /** Independent groups that `open` needs even where `minGroups` is 1, if the feed has as many. */
  openGroups: 2,
  /** A purpose that was closed stays so until nothing has closed it for this long, in seconds. */
  holdSeconds: 60,
  /** While a purpose is closed its limits are this share of themselves: it opens well inside of them, not at them. */
  leaveShare: 0.8,
  /** What was remembered before a restart is taken over while it is at most this old. */
  maxRecallSeconds: 86_400,
} as const;
