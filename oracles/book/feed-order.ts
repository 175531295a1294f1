import { InvalidInputError } from '../../risk/errors.ts';
import type { FeedConfig } from '../config/feeds.ts';
import { FeedCycleError } from './errors.ts';

/** Feeds whose price a feed needs to normalise its quote assets. */
export function quoteFeedsOf(feed: FeedConfig): readonly string[] {
  return [...new Set(feed.sources.flatMap(({ quoteFeed }) => (quoteFeed === undefined ? [] : [quoteFeed])))];
}

/** Feeds whose price a feed needs at all: those above, and the one that its exchange rate is in. */
export function neededFeedsOf(feed: FeedConfig): readonly string[] {
  const { quoteFeed } = feed.rateAnchor ?? {};
  return quoteFeed === undefined ? quoteFeedsOf(feed) : [...new Set([...quoteFeedsOf(feed), quoteFeed])];
}

/** @throws InvalidInputError when what a feed is compared with is unknown or in other units. */
function checkComparisons(feed: FeedConfig, byId: ReadonlyMap<string, FeedConfig>): void {
  const { rateAnchor, elsewhere = [] } = feed;
  if (rateAnchor?.quoteFeed !== undefined) {
    const field = `feeds.${feed.id}.rateAnchor.quoteFeed`;
    const leg = byId.get(rateAnchor.quoteFeed);
    if (leg === undefined)
      throw new InvalidInputError(field, `no feed '${rateAnchor.quoteFeed}' is configured`);
    if (leg.quote !== feed.quote) throw new InvalidInputError(field, `${leg.id} is not in ${feed.quote}`);
  }
  elsewhere.forEach(({ feed: id }, index) => {
    const field = `feeds.${feed.id}.elsewhere[${index}].feed`;
    const other = byId.get(id);
    if (other === undefined) throw new InvalidInputError(field, `no feed '${id}' is configured`);
    if (id === feed.id) throw new InvalidInputError(field, 'is the feed itself');
    if (other.quote !== feed.quote) throw new InvalidInputError(field, `${id} is not in ${feed.quote}`);
  });
}

/**
 * Feeds by id, each after the feeds it needs.
 * @throws FeedCycleError
 * @throws InvalidInputError for a feed id given twice, or a feed it names that is unknown or in other units
 */
export function orderFeeds(feeds: readonly FeedConfig[]): ReadonlyMap<string, FeedConfig> {
  const byId = new Map<string, FeedConfig>();
  for (const feed of feeds) {
    if (byId.has(feed.id)) throw new InvalidInputError('feeds', `two feeds have the id ${feed.id}`);
    byId.set(feed.id, feed);
  }
  const ordered = new Map<string, FeedConfig>();
  const visit = (feed: FeedConfig, path: readonly string[]): void => {
    if (ordered.has(feed.id)) return;
    if (path.includes(feed.id)) throw new FeedCycleError([...path.slice(path.indexOf(feed.id)), feed.id]);
    for (const source of feed.sources) {
      const quoteAsset = source.quoteAsset ?? feed.quote;
      if (quoteAsset === feed.quote) continue;
      const field = `feeds.${feed.id}.sources.${source.id}.quoteFeed`;
      const leg = byId.get(source.quoteFeed ?? '');
      if (leg === undefined)
        throw new InvalidInputError(field, `no feed '${source.quoteFeed}' is configured`);
      if (leg.base !== quoteAsset || leg.quote !== feed.quote) {
        throw new InvalidInputError(field, `${leg.id} does not turn ${quoteAsset} into ${feed.quote}`);
      }
      visit(leg, [...path, feed.id]);
    }
    checkComparisons(feed, byId);
    const rateLeg = byId.get(feed.rateAnchor?.quoteFeed ?? '');
    if (rateLeg !== undefined) visit(rateLeg, [...path, feed.id]);
    ordered.set(feed.id, feed);
  };
  for (const feed of feeds) visit(feed, []);
  return ordered;
}
