import type { FeedConfig } from '../config/feeds.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { checkQuote, type ReferenceMismatch } from './reference.ts';

/**
 * Lets a source in when its first quote is of the scale of its feed's reference price, and then for good: a market may
 * move, a scale does not. Until then its quotes become failures that say what is wrong with them.
 */
export class ReferenceGate {
  private readonly feeds: ReadonlyMap<string, FeedConfig>;
  private readonly confirmed = new Set<string>();
  private readonly refused = new Map<string, ReferenceMismatch>();

  constructor(feeds: readonly FeedConfig[]) {
    this.feeds = new Map(feeds.map((feed) => [feed.id, feed]));
  }

  screen(config: FeedConfig, report: SourceReport): SourceReport {
    if (!report.ok || config.referencePrice === undefined) return report;
    const { quote } = report;
    const key = `${config.id} ${quote.sourceId}`;
    if (this.confirmed.has(key)) return report;
    const wrong = checkQuote(config, quote, this.unitPrice(config, quote.sourceId));
    if (wrong === null) {
      this.confirmed.add(key);
      this.refused.delete(key);
      return report;
    }
    this.refused.set(key, wrong);
    const { feedId, sourceId, kind, chain, receivedAtMs: atMs } = quote;
    return {
      ok: false,
      failure: { feedId, sourceId, kind, chain, code: 'unit', message: wrong.message, atMs },
    };
  }

  /** What one of a source's quote asset is worth in the feed's, by the references. */
  private unitPrice(config: FeedConfig, sourceId: string): number {
    const source = config.sources.find(({ id }) => id === sourceId);
    if (source?.quoteAsset === undefined || source.quoteAsset === config.quote) return 1;
    return Number(this.feeds.get(source.quoteFeed ?? '')?.referencePrice ?? 1);
  }

  /** Sources that are refused now. */
  mismatches(): readonly ReferenceMismatch[] {
    return [...this.refused.values()];
  }

  /** Sources of feeds with a reference that have said nothing to compare yet, as `feed source`. */
  unchecked(): readonly string[] {
    return [...this.feeds.values()].flatMap(({ id, sources, referencePrice }) =>
      referencePrice === undefined
        ? []
        : sources.map((source) => `${id} ${source.id}`).filter((key) => !this.confirmed.has(key)),
    );
  }
}
