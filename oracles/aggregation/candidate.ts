import type { MarketPrice } from '../../risk/market/market-data.ts';
import type { UnixMs } from '../../risk/units/time.ts';
import { WAD, type Wad, wadToFloat } from '../../risk/units/wad.ts';
import { checkAge } from '../guards/age.ts';
import { type GuardReason, seconds } from '../guards/reason.ts';
import type { RobustPrice } from '../price.ts';
import type { Quote } from '../quotes/quote.ts';
import { type AgedWidth, wholeAge } from './half-width.ts';
import type { FeedPlan, PreparedQuote, SourcePlan } from './plan.ts';
import { checkPrice, preparedQuote } from './prepare-quote.ts';

/** A quote at one moment in the feed's own unit; `reasons` say why it may not vote, all that apply. */
export interface Candidate extends AgedWidth {
  readonly plan: SourcePlan;
  /** Null when it has none in that unit: a broken exponent, or a leg without a price. */
  readonly priceWad: Wad | null;
  /** The same as a double; 0 without one. */
  readonly priceNumber: number;
  /** Of the older leg. */
  readonly publishTimeMs: UnixMs;
  readonly reasons: readonly GuardReason[];
  /** Price in the source's own quote asset, and known depth: of an observed price in USD, of a pool in that asset. */
  readonly sourcePriceWad: Wad | null;
  readonly depth: number | null;
}

/** What turned a source's quote asset into the feed's. */
type Leg = Pick<MarketPrice, 'priceWad' | 'confidenceWad' | 'publishTimeMs'>;

/** A candidate that is written over with every evaluation of its feed; nothing of it outlives one. */
export type CandidateSlot = { -readonly [Field in keyof Candidate]: Candidate[Field] } & {
  /** What it was last made of, while no age stood against it: made of the same, only its age is new. */
  madeOf: PreparedQuote | null;
  leg: Leg | null;
};

export const emptyCandidate = (plan: SourcePlan): CandidateSlot => ({
  plan,
  priceWad: null,
  priceNumber: Number.NaN,
  ownHalfWidthWad: 0n,
  ownHalfWidthNumber: Number.NaN,
  wholeAgeMs: 0,
  publishTimeMs: 0,
  reasons: [],
  sourcePriceWad: null,
  depth: null,
  madeOf: null,
  leg: null,
});

/** The market of the feed that turns one asset into the other, where it may serve. */
function usableLeg(quotePrice: RobustPrice | undefined): MarketPrice | null {
  const market = quotePrice?.market;
  return market?.verdicts.margin.usable ? market : null;
}

const sameLeg = (a: Leg | null, b: Leg | null): boolean =>
  a === b ||
  (a !== null &&
    b !== null &&
    a.publishTimeMs === b.publishTimeMs &&
    a.priceWad === b.priceWad &&
    a.confidenceWad === b.confidenceWad);

/** Multiplies by the feed that turns the source's quote asset into the feed's; the widths add up. */
function compose(
  feed: FeedPlan,
  candidate: CandidateSlot,
  ownPriceWad: Wad,
  quotePrice: RobustPrice | undefined,
): void {
  const { plan } = candidate;
  const market = usableLeg(quotePrice);
  candidate.leg = market;
  if (market === null) {
    const why = quotePrice?.verdicts.margin.reasons[0]?.message ?? 'it is not configured';
    const message = `${plan.source.quoteFeed ?? plan.quoteAsset} is not usable: ${why}`;
    // Without the other leg the number is in another unit: not even evidence.
    candidate.priceWad = null;
    candidate.priceNumber = 0;
    candidate.reasons = [...candidate.reasons, { code: 'quote-leg', message }];
    return;
  }
  const ownWidth = candidate.ownHalfWidthWad;
  const priceWad = (ownPriceWad * market.priceWad) / WAD;
  const halfWidthWad = (ownWidth * market.priceWad + ownPriceWad * market.confidenceWad) / WAD;
  const priceNumber = Number(priceWad);
  const halfWidthNumber = Number(halfWidthWad);
  const skewMs = Math.abs(market.publishTimeMs - candidate.publishTimeMs);
  candidate.priceWad = priceWad;
  candidate.priceNumber = priceNumber;
  candidate.ownHalfWidthWad = halfWidthWad;
  candidate.ownHalfWidthNumber = halfWidthNumber;
  candidate.publishTimeMs = Math.min(candidate.publishTimeMs, market.publishTimeMs);
  const found = checkPrice(feed, priceWad, halfWidthWad, priceNumber, halfWidthNumber);
  const skewed = !(skewMs <= plan.maxLegSkewMs);
  if (found.length === 0 && !skewed) return;
  const reasons = [...candidate.reasons, ...found];
  if (skewed) {
    const message = `the legs are ${seconds(skewMs)} apart, the limit is ${seconds(plan.maxLegSkewMs)}`;
    const measure = { value: skewMs / 1000, limit: plan.maxLegSkewMs / 1000, unit: 's' } as const;
    reasons.push({ code: 'leg-skew', message, measure });
  }
  candidate.reasons = reasons;
}

/**
 * Known depth in USD: what moves the price by 2 %, or what an observer handed in; null where it is not known. A pool's
 * is in its quote asset, and what its price became in USD says what one of that is worth.
 */
export function depthInUsd(
  feed: FeedPlan,
  { plan, depth, sourcePriceWad, priceWad }: Candidate,
): number | null {
  if (depth === null || sourcePriceWad === null) return null;
  if (plan.source.kind === 'observed') return depth;
  if (feed.config.quote !== 'USD' || priceWad === null) return null;
  return plan.quoteAsset === 'USD' ? depth : (depth * wadToFloat(priceWad)) / wadToFloat(sourcePriceWad);
}

/** Brings a quote into the feed's unit and applies every guard that looks at one source alone; writes `candidate`. */
export function judgeQuote(
  feed: FeedPlan,
  candidate: CandidateSlot,
  quote: Quote,
  quotePrices: ReadonlyMap<string, RobustPrice>,
  nowMs: UnixMs,
): void {
  const { plan } = candidate;
  const prepared = preparedQuote(feed, plan, quote);
  const { publishTimeMs, blockTimeMs, priceWad } = prepared;
  const age = checkAge(publishTimeMs, blockTimeMs, plan.maxAgeMs, plan.maxReadAgeMs, nowMs);
  const composed = priceWad !== null && plan.quoteAsset !== feed.config.quote;
  const quotePrice = composed ? quotePrices.get(plan.source.quoteFeed ?? '') : undefined;
  candidate.wholeAgeMs = wholeAge(nowMs - publishTimeMs, plan.maxAgeMs);
  if (age === null && candidate.madeOf === prepared) {
    const leg = composed ? usableLeg(quotePrice) : null;
    // Of an unusable leg the reasons may be others by now.
    if (sameLeg(candidate.leg, leg) && (!composed || leg !== null)) return;
  }
  candidate.madeOf = age === null ? prepared : null;
  candidate.leg = null;
  candidate.priceWad = priceWad;
  candidate.priceNumber = prepared.priceNumber;
  candidate.ownHalfWidthWad = prepared.halfWidthWad;
  candidate.ownHalfWidthNumber = prepared.halfWidthNumber;
  candidate.publishTimeMs = publishTimeMs;
  candidate.reasons = age === null ? prepared.reasons : [...prepared.reasons, age];
  candidate.sourcePriceWad = priceWad;
  candidate.depth = prepared.depth;
  if (composed) compose(feed, candidate, priceWad, quotePrice);
}
