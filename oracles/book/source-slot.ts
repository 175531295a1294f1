import type { Quote, SourceKind, SourceReport } from '../quotes/quote.ts';

/** What one source has said so far, in counts. */
export interface SourceStatistics {
  readonly feedId: string;
  readonly sourceId: string;
  readonly kind: SourceKind;
  readonly chain: string | null;
  /** Quotes taken over. */
  readonly quotes: number;
  /** How often the price differed from the one before. */
  readonly moves: number;
  readonly failures: number;
  /** Quotes left aside because a newer one was known. */
  readonly outdated: number;
}

/** True when `next` says less than what is known: an older block of the chain, or an older publish time off chain. */
function isOutdated(next: Quote, last: Quote): boolean {
  if (next.blockNumber !== null && last.blockNumber !== null) return next.blockNumber < last.blockNumber;
  return next.publishTimeMs < last.publishTimeMs;
}

/** Latest report of one source. */
export class SourceSlot {
  readonly feedId: string;
  readonly sourceId: string;
  readonly kind: SourceKind;
  readonly chain: string | null;
  report: SourceReport | null = null;
  /** Where its report stands among those that the feed has; null before the first. */
  place: number | null = null;
  private lastQuote: Quote | null = null;
  private quotes = 0;
  private moves = 0;
  private failures = 0;
  private outdated = 0;

  constructor(feedId: string, sourceId: string, kind: SourceKind, chain: string | null) {
    this.feedId = feedId;
    this.sourceId = sourceId;
    this.kind = kind;
    this.chain = chain;
  }

  /** After a reorganisation: the block of the quote says nothing about which one is newer. */
  forgetBlock(): void {
    this.lastQuote = null;
  }

  /** @returns whether anything was taken over. */
  put(report: SourceReport): boolean {
    if (!report.ok) {
      this.failures += 1;
      this.report = report;
      return true;
    }
    const { quote } = report;
    if (this.lastQuote !== null && isOutdated(quote, this.lastQuote)) {
      this.outdated += 1;
      return false;
    }
    if (this.lastQuote !== null && quote.price !== this.lastQuote.price) this.moves += 1;
    this.quotes += 1;
    this.lastQuote = quote;
    this.report = report;
    return true;
  }

  statistics(): SourceStatistics {
    const { feedId, sourceId, kind, chain, quotes, moves, failures, outdated } = this;
    return { feedId, sourceId, kind, chain, quotes, moves, failures, outdated };
  }
}

/** Puts a slot's report into `reports`, those of all of `slots` in their order; the other ones stay where they are. */
export function placeReport(reports: SourceReport[], slots: readonly SourceSlot[], slot: SourceSlot): void {
  if (slot.place !== null && slot.report !== null) {
    reports[slot.place] = slot.report;
    return;
  }
  reports.length = 0;
  for (const each of slots) {
    if (each.report !== null) each.place = reports.push(each.report) - 1;
  }
}
