import type { UnixMs } from '../../risk/units/time.ts';
import type { FeedConfig, SourceConfig } from '../config/feeds.ts';
import type { Quote, SourceReport } from '../quotes/quote.ts';
import type { PinnedView, ReadCall, ReadOutcome } from './ports.ts';

/** A source of one feed, as configured. */
export interface FeedSource<S extends SourceConfig = SourceConfig> {
  readonly feed: FeedConfig;
  readonly source: S;
}

/** What an adapter interprets: its own outcomes, in the order of its calls. */
export interface RoundInput<S extends SourceConfig> extends FeedSource<S> {
  readonly outcomes: readonly ReadOutcome[];
  /** Outcomes of `facts`, in order; they are read once and kept. */
  readonly facts: readonly ReadOutcome[];
  readonly view: PinnedView;
  readonly nowMs: UnixMs;
}

/** What one adapter found: the variable part of a quote, or why there is none. */
export type Finding =
  | {
      readonly ok: true;
      readonly quote: Pick<Quote, 'price' | 'expo' | 'confidence' | 'publishTimeMs' | 'details'>;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** One kind of on-chain source. Pure: it says what to read and what the answers mean; chain-round.ts reads. */
export interface OnchainSource<S extends SourceConfig> {
  /** Read in every round, all at the round's block. */
  calls(source: S): readonly ReadCall[];
  /** Facts that do not change (token order, decimals, bounds of an aggregator); may depend on the round's outcomes. */
  facts(source: S, outcomes: readonly ReadOutcome[]): readonly ReadCall[];
  interpret(input: RoundInput<S>): Finding;
}

export const refused = (code: string, message: string): Finding => ({ ok: false, code, message });

export function failureReport(
  { feed, source }: FeedSource,
  code: string,
  message: string,
  atMs: UnixMs,
): SourceReport {
  const chain = 'chain' in source ? source.chain : null;
  return {
    ok: false,
    failure: { feedId: feed.id, sourceId: source.id, kind: source.kind, chain, code, message, atMs },
  };
}

/** Whose quote it is and of what: the same of every kind of source. */
export const quoteOf = <Source extends SourceConfig>({ feed, source }: FeedSource<Source>) => ({
  feedId: feed.id,
  sourceId: source.id,
  kind: source.kind,
  base: feed.base,
  quoteAsset: source.quoteAsset ?? feed.quote,
});
