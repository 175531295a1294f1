import type { UnixMs } from '../../risk/units/time.ts';
import { evaluateFeed } from '../aggregation/evaluate.ts';
import type { FeedConfig } from '../config/feeds.ts';
import { advanceMemory, EMPTY_MEMORY, type FeedMemory } from '../guards/memory.ts';
import type { RobustPrice } from '../price.ts';
import type { SourceReport } from '../quotes/quote.ts';
import { UnknownFeedError } from './errors.ts';
import { orderFeeds, quoteFeedsOf } from './feed-order.ts';
import { SourceSlot, type SourceStatistics } from './source-slot.ts';

interface Entry {
  readonly config: FeedConfig;
  readonly slots: ReadonlyMap<string, SourceSlot>;
  /** Feeds of which this one needs the price, and those that need this one's. */
  readonly needs: readonly Entry[];
  readonly neededBy: Entry[];
  cached: RobustPrice | null;
  /** What the prices so far left behind, and the time of the last of them; kept for feeds with a class. */
  memory: FeedMemory;
  rememberedAtMs: UnixMs | null;
}

/** Signed updates, as the Hermes source counts them. */
export interface UpdateStatistics {
  readonly verified: number;
  readonly refused: number;
  /** Error type of the last refusal, e.g. `pyth-merkle-proof`. */
  readonly lastRefusal: string | null;
}

export interface BookStatistics {
  readonly sources: readonly SourceStatistics[];
  readonly updates: UpdateStatistics;
}

/** Called with the ids of the feeds whose reports changed, cross feeds included. */
export type BookListener = (feedIds: ReadonlySet<string>) => void;

/** Takes a price into the feed's memory, unless a later one is in it: time does not run backwards in an average. */
function remember(entry: Entry, { market, asOfMs }: RobustPrice): void {
  const since = entry.rememberedAtMs;
  if (market === null || (since !== null && asOfMs <= since)) return;
  const formed = { priceWad: market.priceWad, good: market.verdicts.margin.usable, atMs: asOfMs };
  entry.memory = advanceMemory(entry.memory, formed, since);
  entry.rememberedAtMs = asOfMs;
}

/**
 * The latest report of every source, and from them the price of every feed at any `now`. A price is evaluated when it
 * is asked for, so a source that went silent grows stale without any message.
 */
export class PriceBook {
  private readonly entries = new Map<string, Entry>();
  private readonly listeners = new Set<BookListener>();
  private updates: UpdateStatistics = { verified: 0, refused: 0, lastRefusal: null };

  /**
   * @throws FeedCycleError when feeds need each other
   * @throws InvalidInputError for two feeds of one id, or a `quoteFeed` that is unknown or in other units
   */
  constructor(feeds: readonly FeedConfig[]) {
    for (const config of orderFeeds(feeds).values()) {
      const slots = config.sources.map((source) => {
        const chain = 'chain' in source ? source.chain : null;
        return [source.id, new SourceSlot(config.id, source.id, source.kind, chain)] as const;
      });
      const needs = quoteFeedsOf(config).flatMap((id) => this.entries.get(id) ?? []);
      const entry: Entry = {
        config,
        slots: new Map(slots),
        needs,
        neededBy: [],
        cached: null,
        memory: EMPTY_MEMORY,
        rememberedAtMs: null,
      };
      for (const leg of needs) leg.neededBy.push(entry);
      this.entries.set(config.id, entry);
    }
  }

  /** Ids of all feeds, each after those it needs. */
  get feedIds(): readonly string[] {
    return [...this.entries.keys()];
  }

  /**
   * Takes over reports; those of unknown feeds or sources are ignored, quotes older than what is known do not
   * overwrite it.
   * @returns the feeds whose price may have changed
   */
  ingest(reports: readonly SourceReport[]): ReadonlySet<string> {
    const changed = new Set<string>();
    const mark = (entry: Entry): void => {
      if (changed.has(entry.config.id)) return;
      changed.add(entry.config.id);
      entry.cached = null;
      entry.neededBy.forEach(mark);
    };
    for (const report of reports) {
      const { feedId, sourceId } = report.ok ? report.quote : report.failure;
      const entry = this.entries.get(feedId);
      if (entry?.slots.get(sourceId)?.put(report)) mark(entry);
    }
    if (changed.size > 0) for (const listener of this.listeners) listener(changed);
    return changed;
  }

  private entry(feedId: string): Entry {
    const entry = this.entries.get(feedId);
    if (entry === undefined) throw new UnknownFeedError(feedId);
    return entry;
  }

  /** @throws UnknownFeedError */
  config(feedId: string): FeedConfig {
    return this.entry(feedId).config;
  }

  /** Latest report of each source that has one, in the order of the configuration. @throws UnknownFeedError */
  reports(feedId: string): readonly SourceReport[] {
    return [...this.entry(feedId).slots.values()].flatMap(({ report }) => report ?? []);
  }

  /**
   * The price at `nowMs` (market time). Ages are part of the answer, so one answer is kept per feed and given again
   * only for the same `nowMs` and unchanged reports.
   * @throws UnknownFeedError
   */
  price(feedId: string, nowMs: UnixMs): RobustPrice {
    return this.evaluate(this.entry(feedId), nowMs);
  }

  private evaluate(entry: Entry, nowMs: UnixMs): RobustPrice {
    if (entry.cached !== null && entry.cached.asOfMs === nowMs) return entry.cached;
    const quotePrices = new Map(entry.needs.map((leg) => [leg.config.id, this.evaluate(leg, nowMs)]));
    const memory = entry.config.class === undefined ? null : entry.memory;
    const price = evaluateFeed(entry.config, this.reports(entry.config.id), nowMs, { quotePrices, memory });
    entry.cached = price;
    if (memory !== null) remember(entry, price);
    return price;
  }

  /** Every feed's price at `nowMs`, in the order of `feedIds`. */
  all(nowMs: UnixMs): readonly RobustPrice[] {
    return [...this.entries.values()].map((entry) => this.evaluate(entry, nowMs));
  }

  /** @returns a function that ends the subscription. */
  subscribe(listener: BookListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Counts one signed update; `refusal` is the error type, null when it was verified. */
  countUpdate(refusal: string | null): void {
    const { verified, refused, lastRefusal } = this.updates;
    this.updates =
      refusal === null
        ? { verified: verified + 1, refused, lastRefusal }
        : { verified, refused: refused + 1, lastRefusal: refusal };
  }

  statistics(): BookStatistics {
    const sources = [...this.entries.values()].flatMap(({ slots }) =>
      [...slots.values()].map((slot) => slot.statistics()),
    );
    return { sources, updates: this.updates };
  }
}
