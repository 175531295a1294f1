import type { UnixMs } from '../../risk/units/time.ts';
import { WAD, type Wad, wadToFloat } from '../../risk/units/wad.ts';
import { checkAge } from '../guards/age.ts';
import { type GuardReason, seconds } from '../guards/reason.ts';
import type { RobustPrice } from '../price.ts';
import type { Quote } from '../quotes/quote.ts';
import { type AgedWidth, wholeAge } from './half-width.ts';
import type { FeedPlan, SourcePlan } from './plan.ts';
import { checkPrice, preparedQuote } from './prepare-quote.ts';

/** A quote at one moment in the feed's own unit; `reasons` say why it may not vote, all that apply. */
export interface Candidate extends AgedWidth {
  readonly plan: SourcePlan;
  /** Null when it has none in that unit: a broken exponent, or a leg without a price. */
  readonly priceWad: Wad | null;
  /** Of the older leg. */
  readonly publishTimeMs: UnixMs;
  readonly reasons: readonly GuardReason[];
  /** Known depth in USD: what moves the price by 2 %, or what an observer handed in. */
  readonly depthUsd: number | null;
}

interface Leg extends Pick<Candidate, 'priceWad' | 'publishTimeMs' | 'reasons'> {
  readonly halfWidthWad: Wad;
}

/** Multiplies by the feed that turns the source's quote asset into the feed's; the widths add up. */
function compose(
  feed: FeedPlan,
  plan: SourcePlan,
  own: Leg & { readonly priceWad: Wad },
  quotePrice: RobustPrice | undefined,
): Leg {
  const market = quotePrice?.market;
  if (!market?.verdicts.margin.usable) {
    const why = quotePrice?.verdicts.margin.reasons[0]?.message ?? 'it is not configured';
    const message = `${plan.source.quoteFeed ?? plan.quoteAsset} is not usable: ${why}`;
    // Without the other leg the number is in another unit: not even evidence.
    return { ...own, priceWad: null, reasons: [...own.reasons, { code: 'quote-leg', message }] };
  }
  const priceWad = (own.priceWad * market.priceWad) / WAD;
  const halfWidthWad = (own.halfWidthWad * market.priceWad + own.priceWad * market.confidenceWad) / WAD;
  const publishTimeMs = Math.min(own.publishTimeMs, market.publishTimeMs);
  const skewMs = Math.abs(market.publishTimeMs - own.publishTimeMs);
  const found = checkPrice(feed, priceWad, halfWidthWad);
  const skewed = !(skewMs <= plan.maxLegSkewMs);
  if (found.length === 0 && !skewed) return { priceWad, halfWidthWad, publishTimeMs, reasons: own.reasons };
  const reasons = [...own.reasons, ...found];
  if (skewed) {
    const message = `the legs are ${seconds(skewMs)} apart, the limit is ${seconds(plan.maxLegSkewMs)}`;
    const measure = { value: skewMs / 1000, limit: plan.maxLegSkewMs / 1000, unit: 's' } as const;
    reasons.push({ code: 'leg-skew', message, measure });
  }
  return { priceWad, halfWidthWad, publishTimeMs, reasons };
}

/** A pool's depth is in its quote asset; what its price became in USD says what one of that is worth. */
function depthInUsd(
  feed: FeedPlan,
  { source, quoteAsset }: SourcePlan,
  depth: number,
  own: Wad,
  composed: Wad | null,
): number | null {
  if (source.kind === 'observed') return depth;
  if (feed.config.quote !== 'USD' || composed === null) return null;
  return quoteAsset === 'USD' ? depth : (depth * wadToFloat(composed)) / wadToFloat(own);
}

/** Brings a quote into the feed's unit and applies every guard that looks at one source alone. */
export function candidateOf(
  feed: FeedPlan,
  plan: SourcePlan,
  quote: Quote,
  quotePrices: ReadonlyMap<string, RobustPrice>,
  nowMs: UnixMs,
): Candidate {
  const { priceWad, halfWidthWad, reasons: own, depth } = preparedQuote(feed, plan, quote);
  const { publishTimeMs, blockTimeMs } = quote;
  const age = checkAge(publishTimeMs, blockTimeMs, plan.maxAgeMs, plan.maxReadAgeMs, nowMs);
  const reasons = age === null ? own : [...own, age];
  const wholeAgeMs = wholeAge(nowMs - publishTimeMs, plan.maxAgeMs);
  let leg: Leg = { priceWad, halfWidthWad, publishTimeMs, reasons };
  if (priceWad !== null && plan.quoteAsset !== feed.config.quote) {
    const quotePrice = quotePrices.get(plan.source.quoteFeed ?? '');
    leg = compose(feed, plan, { priceWad, halfWidthWad, publishTimeMs, reasons }, quotePrice);
  }
  return {
    plan,
    priceWad: leg.priceWad,
    ownHalfWidthWad: leg.halfWidthWad,
    wholeAgeMs,
    publishTimeMs: leg.publishTimeMs,
    reasons: leg.reasons,
    depthUsd:
      depth === null || priceWad === null ? null : depthInUsd(feed, plan, depth, priceWad, leg.priceWad),
  };
}
