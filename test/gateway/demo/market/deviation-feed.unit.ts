import { describe, expect, it } from 'vitest';
import {
  decideFeed,
  type FeedPace,
  type FeedState,
  firstState,
} from '../../../../gateway/demo/market/sources/deviation-feed.ts';

const START = Date.UTC(2025, 0, 1);
const PACE: FeedPace = { deviationBps: 50, heartbeatSeconds: 3600, delaySeconds: 0 };
const quiet: FeedState = { lastPrice: 100, lastAtMs: START, pending: null };

describe('decideFeed', () => {
  it('is quiet below the deviation and before the heartbeat', () => {
    expect(decideFeed(quiet, PACE, 100.499, START + 3_599_000)).toEqual({
      publish: null,
      next: quiet,
      why: 'quiet',
    });
    expect(decideFeed(quiet, PACE, 99.501, START + 1000).publish).toBeNull();
  });

  it.each([100.5, 99.5, 120])('speaks at %d, half a percent or more away', (observed) => {
    const next = { lastPrice: observed, lastAtMs: START + 1000, pending: null };
    expect(decideFeed(quiet, PACE, observed, START + 1000)).toEqual({
      publish: observed,
      next,
      why: 'deviation',
    });
  });

  it('speaks when the heartbeat is due, even at the same price', () => {
    const next = { lastPrice: 100, lastAtMs: START + 3_600_000, pending: null };
    expect(decideFeed(quiet, PACE, 100, START + 3_600_000)).toEqual({ publish: 100, next, why: 'heartbeat' });
  });

  it('lands after its delay with the price that it saw then', () => {
    const pace = { ...PACE, delaySeconds: 12 };
    const started = decideFeed(quiet, pace, 101, START + 1000);
    expect(started).toMatchObject({
      publish: null,
      why: 'deviation',
      next: { pending: { price: 101, dueMs: START + 13_000 } },
    });
    expect(decideFeed(started.next, pace, 103, START + 12_999).publish).toBeNull();
    const landed = decideFeed(started.next, pace, 103, START + 13_000);
    expect(landed.publish).toBe(101);
    expect(landed.next).toEqual({ lastPrice: 101, lastAtMs: START + 13_000, pending: null });
    expect(decideFeed(landed.next, pace, 103, START + 14_000).why).toBe('deviation');
  });

  it('has first heartbeats 5 minutes apart, none later than the heartbeat', () => {
    const dueAt = (pace: FeedPace, index: number) =>
      (firstState(100, pace, index, START).lastAtMs - START) / 1000 + pace.heartbeatSeconds;
    expect([0, 1, 2, 3].map((index) => dueAt(PACE, index))).toEqual([300, 600, 900, 1200]);
    expect(dueAt({ ...PACE, heartbeatSeconds: 600 }, 3)).toBe(600);
  });
});
