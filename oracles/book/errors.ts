import { BreakwaterError } from '../../risk/errors.ts';

/** A price was asked for a feed that is not configured. */
export class UnknownFeedError extends BreakwaterError {
  override readonly name = 'UnknownFeedError';
  readonly feedId: string;
  constructor(feedId: string) {
    super(`no feed '${feedId}' is configured`, {
      type: 'unknown-feed',
      kind: 'not-found',
      issues: [{ field: 'feedId', message: 'is not configured' }],
      details: { feedId },
    });
    this.feedId = feedId;
  }
}

/** Feeds that need each other's price to be formed. */
export class FeedCycleError extends BreakwaterError {
  override readonly name = 'FeedCycleError';
  readonly cycle: readonly string[];
  constructor(cycle: readonly string[]) {
    super(`feeds turn into each other through quoteFeed: ${cycle.join(' -> ')}`, {
      type: 'feed-cycle',
      kind: 'invalid-input',
      issues: [{ field: 'feeds', message: `quoteFeed goes in a circle: ${cycle.join(' -> ')}` }],
      details: { cycle },
    });
    this.cycle = cycle;
  }
}
