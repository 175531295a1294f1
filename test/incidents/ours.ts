import { EMPTY_CONTEXT, evaluateFeed } from '../../oracles/aggregation/evaluate.ts';
import { type FeedConfig, observedFeedSchema } from '../../oracles/config/feeds.ts';
import { EMPTY_MEMORY, type FeedMemory } from '../../oracles/guards/memory.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { Quote, SourceReport } from '../../oracles/quotes/quote.ts';
import { PURPOSES } from '../../risk/market/verdict.ts';
import { type Answer, NO_ANSWER, wad } from './answer.ts';
import type { CaseQuote, Question } from './case.ts';

/** "unknown, use 3600". */
const DEFAULT_HEARTBEAT_SECONDS = 3600;

/** Our codes by the names that the cases use; a code that is not here has the same name there. */
const NAMES: Readonly<Record<string, string>> = {
  'stale-source': 'staleness',
  'stale-read': 'staleness',
  'future-publish-time': 'future',
  'quorum-not-met': 'quorum',
  'sequencer-grace': 'sequencer',
  'non-positive-price': 'bounds',
};

const sourceId = (index: number): string => `s:${index}`;

/** A feed with nothing but the defaults of its class: sources, groups and heartbeats are all that the case adds. */
function configOf({ feed, quotes }: Question): FeedConfig {
  return observedFeedSchema.parse({
    id: 'CASE-FEED',
    base: feed.base,
    quote: feed.quote,
    class: feed.class,
    minPrice: '0.000000000000000001',
    maxPrice: '1000000000000000000',
    sources: quotes.map(({ kind, group, heartbeatSeconds }, index) => ({
      kind: 'observed',
      id: sourceId(index),
      group,
      method: kind,
      maxAgeSeconds: heartbeatSeconds ?? DEFAULT_HEARTBEAT_SECONDS,
    })),
  });
}

/** Greatest distance of the samples of an average, in basis points of the lowest. */
function sampleSpreadBps(samples: NonNullable<CaseQuote['samples']>): number {
  const prices = samples.map(({ price }) => Number(price));
  return (Math.max(...prices) / Math.min(...prices) - 1) * 10_000;
}

/** Depth of an average is that of its thinnest sample: there it was cheapest to move. */
function depthOf({ liquidityUsd, samples }: CaseQuote): number | null {
  const known = [liquidityUsd, ...(samples ?? []).map((sample) => sample.liquidityUsd)].filter(
    (v) => v !== null,
  );
  return known.length === 0 ? null : Math.min(...known);
}

function detailsOf(quote: CaseQuote): Quote['details'] {
  const { twapWindowSeconds, bounds } = quote;
  const samples = quote.samples ?? [];
  const legs = quote.legs ?? [];
  const details: Record<string, string | number> = { scale: quote.unit?.scale ?? 1 };
  if (twapWindowSeconds !== null) details.windowSeconds = twapWindowSeconds;
  const depth = depthOf(quote);
  if (depth !== null) details.liquidityUsd = depth;
  if (bounds?.min != null) details.minAnswer = wad(bounds.min).toString();
  if (bounds?.max != null) details.maxAnswer = wad(bounds.max).toString();
  if (samples.length > 1) details.sampleSpreadBps = sampleSpreadBps(samples);
  if (legs.length > 1) {
    const times = legs.map(({ publishTime }) => publishTime);
    details.legSkewSeconds = Math.max(...times) - Math.min(...times);
  }
  return details;
}

function reportOf(question: Question, quote: CaseQuote, index: number): SourceReport {
  return {
    ok: true,
    quote: {
      feedId: 'CASE-FEED',
      sourceId: sourceId(index),
      kind: 'observed',
      base: question.feed.base,
      quoteAsset: quote.unit?.quote ?? question.feed.quote,
      price: wad(quote.price),
      expo: -18,
      confidence: quote.confidence === null ? 0n : wad(quote.confidence),
      publishTimeMs: quote.publishTime * 1000,
      receivedAtMs: question.now * 1000,
      chain: null,
      blockNumber: null,
      blockTimeMs: null,
      independenceGroup: quote.group,
      details: detailsOf(quote),
    },
  };
}

function memoryOf({ context }: Question): FeedMemory {
  const { lastGood, ema1h, sequencer, exchangeRateAnchor: anchor } = context;
  return {
    ...EMPTY_MEMORY,
    lastGood: lastGood && {
      priceWad: wad(lastGood.price),
      atMs: lastGood.time * 1000,
    },
    ema1hWad: ema1h === null ? null : wad(ema1h),
    sequencer,
    rateAnchor: anchor && {
      priceWad: wad(anchor.price),
      atMs: anchor.time * 1000,
      maxYearlyGrowthBps: Math.round(Number(anchor.maxYearlyGrowth) * 10_000),
    },
    otherChains: (context.otherChains ?? []).map(({ chain, price, publishTime }) => ({
      chain,
      priceWad: wad(price),
      atMs: publishTime * 1000,
    })),
  };
}

/** Every reason of every purpose, in the names of the cases. */
function reasonsOf({ verdicts }: RobustPrice): readonly string[] {
  const codes = PURPOSES.flatMap((purpose) => verdicts[purpose].reasons.map(({ code }) => code));
  return [...new Set(codes.map((code) => NAMES[code] ?? code))];
}

/** The answer of our default configuration. */
export function ours(question: Question): Answer {
  // Without any source there is not even a feed to configure.
  if (question.quotes.length === 0) return { priceWad: null, usable: NO_ANSWER, reasons: ['quorum'] };
  const nowMs = question.now * 1000;
  const reports = question.quotes.map((quote, index) => reportOf(question, quote, index));
  const config = configOf(question);
  const price = evaluateFeed(config, reports, nowMs, { ...EMPTY_CONTEXT, memory: memoryOf(question) });
  const { open, margin, liquidate } = price.verdicts;
  return {
    priceWad: price.market?.priceWad ?? null,
    usable: { open: open.usable, margin: margin.usable, liquidate: liquidate.usable },
    reasons: reasonsOf(price),
  };
}
