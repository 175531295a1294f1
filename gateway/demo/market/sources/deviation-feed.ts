import type { UnixMs } from '../../../../risk/units/time.ts';

/** When a push feed speaks: as soon as the price has moved far enough, and at least every heartbeat. */
export interface FeedPace {
  readonly deviationBps: number;
  readonly heartbeatSeconds: number;
  /** From the observation that triggers a round until it is on chain. */
  readonly delaySeconds: number;
}

export interface FeedState {
  /** Last value on chain; null before the first. */
  readonly lastPrice: number | null;
  readonly lastAtMs: UnixMs;
  /** A round on its way. */
  readonly pending: { readonly price: number; readonly dueMs: UnixMs } | null;
}

export interface FeedDecision {
  /** What goes on chain now, or null. */
  readonly publish: number | null;
  /** State once that has happened; keep the old one if it failed. */
  readonly next: FeedState;
  readonly why: 'deviation' | 'heartbeat' | 'pending' | 'quiet';
}

/**
 * One step of a push feed (Chainlink's rule, also that of Pyth's scheduled pushers): a round starts when the observed
 * price differs from the last one on chain by `deviationBps` or more of the last, or when the heartbeat is due; it
 * lands `delaySeconds` later with the price that was observed when it started.
 */
export function decideFeed(state: FeedState, pace: FeedPace, observed: number, nowMs: UnixMs): FeedDecision {
  if (state.pending !== null) {
    if (nowMs < state.pending.dueMs) return { publish: null, next: state, why: 'pending' };
    return { publish: state.pending.price, next: landed(state.pending.price, nowMs), why: 'pending' };
  }
  const moved =
    state.lastPrice === null ||
    Math.abs(observed - state.lastPrice) * 10_000 >= pace.deviationBps * state.lastPrice;
  const due = nowMs - state.lastAtMs >= pace.heartbeatSeconds * 1000;
  if (!moved && !due) return { publish: null, next: state, why: 'quiet' };
  const why = moved ? 'deviation' : 'heartbeat';
  if (pace.delaySeconds === 0) return { publish: observed, next: landed(observed, nowMs), why };
  const pending = { price: observed, dueMs: nowMs + pace.delaySeconds * 1000 };
  return { publish: null, next: { ...state, pending }, why };
}

function landed(price: number, nowMs: UnixMs): FeedState {
  return { lastPrice: price, lastAtMs: nowMs, pending: null };
}

/** Market seconds between the first heartbeats of the feeds of one chain. */
const FIRST_HEARTBEATS_SECONDS = 300;

/**
 * State of feed number `index` when the market starts. Real feeds have been running before anyone looks, each in
 * its own phase; here the first heartbeats come 5 minutes apart, so that even in a calm market every feed is seen
 * to speak early.
 */
export function firstState(price: number, pace: FeedPace, index: number, startMs: UnixMs): FeedState {
  const untilFirst = Math.min(pace.heartbeatSeconds, FIRST_HEARTBEATS_SECONDS * (index + 1));
  return { lastPrice: price, lastAtMs: startMs - (pace.heartbeatSeconds - untilFirst) * 1000, pending: null };
}
