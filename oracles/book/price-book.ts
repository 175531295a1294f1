import type { UnixMs } from '../../risk/units/time.ts';
import { evaluateFeed } from '../aggregation/evaluate.ts';
import type { FeedConfig } from '../config/feeds.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { advanceMemory, EMPTY_MEMORY, type FeedMemory, type Judged, notAhead } from '../guards/memory.ts';
import type { RobustPrice } from '../price.ts';
import type { SourceReport } from '../quotes/quote.ts';
import type { ActiveAlarm, AlarmEvent } from './alarm-log.ts';
import { createEntry, type Entry, remembered } from './entry.ts';
import { UnknownFeedError } from './errors.ts';
import { neededFeedsOf, orderFeeds } from './feed-order.ts';
import { rateAnchorOf } from './rate-anchor.ts';
import { checkReferences } from './reference.ts';
import { ReferenceGate } from './reference-gate.ts';
import { Sequencers } from './sequencers.ts';
import { placeReport, type SourceStatistics } from './source-slot.ts';

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

/**
 * The latest report of every source, and from them the price of every feed at any `now`. A price is evaluated when it
 * is asked for, so a source that went silent grows stale without any message.
 */
export class PriceBook {
  private readonly entries = new Map<string, Entry>();
  private readonly listeners = new Set<BookListener>();
  private readonly alarmListeners = new Set<(event: AlarmEvent) => void>();
  private readonly sequencers = new Sequencers();
  /** Which sources contradict the reference price of their feed. */
  readonly references: ReferenceGate;
  private updates: UpdateStatistics = { verified: 0, refused: 0, lastRefusal: null };

  /**
   * @throws FeedCycleError when feeds need each other
   * @throws ReferencePriceError when a feed's bounds or rate contradict its reference price
   * @throws InvalidInputError for two feeds of one id, or a `quoteFeed` that is unknown or in other units
   */
  constructor(feeds: readonly FeedConfig[]) {
    checkReferences(feeds);
    this.references = new ReferenceGate(feeds);
    const compared = new Set(feeds.flatMap(({ elsewhere = [] }) => elsewhere.map(({ feed }) => feed)));
    for (const config of orderFeeds(feeds).values()) {
      const needs = neededFeedsOf(config).flatMap((id) => this.entries.get(id) ?? []);
      const entry = createEntry(config, needs, config.class !== undefined || compared.has(config.id));
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
      if (entry === undefined) continue;
      const slot = entry.slots.get(sourceId);
      if (slot?.put(this.references.screen(entry.config, report))) {
        placeReport(entry.given.reports, entry.slotList, slot);
        mark(entry);
      }
      const chain = this.sequencers.observe(report);
      if (chain === null) continue;
      for (const user of this.entries.values()) if (user.config.usedOn === chain) mark(user);
    }
    if (changed.size > 0) for (const listener of this.listeners) listener(changed);
    return changed;
  }

  /** The chain was reorganised: quotes of its removed blocks do not keep out those of earlier ones. */
  forgetBlocks(chain: string): void {
    for (const { slotList } of this.entries.values()) {
      for (const slot of slotList) if (slot.chain === chain) slot.forgetBlock();
    }
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
    return this.entry(feedId).slotList.flatMap(({ report }) => report ?? []);
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
    const { config, given } = entry;
    const { reports, quotePrices } = given;
    for (const leg of entry.needs) quotePrices.set(leg.config.id, this.evaluate(leg, nowMs));
    entry.memory = notAhead(entry.memory, nowMs);
    const memory = config.class === undefined ? null : this.memoryOf(entry, quotePrices, nowMs);
    const price = evaluateFeed(config, reports, nowMs, { quotePrices, memory });
    entry.cached = price;
    const { judgedAtMs } = entry.memory;
    if (entry.remembers) entry.memory = remembered(entry, price);
    if (judgedAtMs === null || nowMs > judgedAtMs) this.tell(entry.alarms.observe(price));
    return price;
  }

  /** What the feed's own prices left behind, with what only the book knows: the sequencer, the rate, other chains. */
  private memoryOf(entry: Entry, prices: ReadonlyMap<string, RobustPrice>, nowMs: UnixMs): FeedMemory {
    const { config, memory } = entry;
    const { usedOn, rateAnchor, elsewhere } = config;
    if (usedOn === undefined && rateAnchor === undefined && elsewhere === undefined) return memory;
    return {
      ...memory,
      sequencer: usedOn === undefined ? null : this.sequencers.state(usedOn, nowMs),
      rateAnchor: rateAnchorOf(config, prices.get(rateAnchor?.quoteFeed ?? '')),
      otherChains: (elsewhere ?? []).flatMap(({ chain, feed }) => {
        const good = this.entries.get(feed)?.memory.lastGood ?? null;
        return good === null ? [] : [{ chain, ...good }];
      }),
    };
  }

  private tell(events: readonly AlarmEvent[]): void {
    for (const event of events) for (const listener of this.alarmListeners) listener(event);
  }

  /** Guards that bind now, or did a moment ago. */
  activeAlarms(): readonly ActiveAlarm[] {
    return [...this.entries.values()].flatMap(({ alarms }) => alarms.active());
  }

  /** Calls the listener when a guard begins to bind and when it has stopped. @returns a function that ends that. */
  onAlarm(listener: (event: AlarmEvent) => void): () => void {
    this.alarmListeners.add(listener);
    return () => this.alarmListeners.delete(listener);
  }

  /**
   * Takes over what an earlier process remembered, from its last stored answer, while the feed remembers nothing of its
   * own and that is recent: a restart must not make an attack look like the first price.
   */
  recall(
    answers: readonly (Judged & { readonly feedId: string; readonly memory?: FeedMemory })[],
    nowMs: UnixMs,
  ): void {
    for (const answer of answers) {
      const entry = this.entries.get(answer.feedId);
      const ageMs = nowMs - answer.asOfMs;
      if (entry === undefined || !entry.remembers || entry.memory.judgedAtMs !== null) continue;
      if (!(ageMs >= 0 && ageMs <= GUARD_LIMITS.maxRecallSeconds * 1000)) continue;
      entry.memory = advanceMemory({ ...EMPTY_MEMORY, ...answer.memory }, answer);
      entry.cached = null;
    }
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
