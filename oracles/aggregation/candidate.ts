import type { UnixMs } from '../../risk/units/time.ts';
import { WAD, type Wad } from '../../risk/units/wad.ts';
import { checkAge } from '../guards/age.ts';
import { checkNearBound, checkPlausible } from '../guards/bounds.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { bps, type GuardReason, seconds } from '../guards/reason.ts';
import type { RobustPrice } from '../price.ts';
import type { Quote } from '../quotes/quote.ts';
import type { FeedPlan, SourcePlan } from './plan.ts';

/** A quote in the feed's own unit; `reason` says why it may not vote. */
export interface Candidate {
  readonly plan: SourcePlan;
  readonly priceWad: Wad;
  /** Half width with which it votes. */
  readonly halfWidthWad: Wad;
  /** Of the older leg. */
  readonly publishTimeMs: UnixMs;
  readonly reason: GuardReason | null;
}

/** `value` x 10^`expo` in wad, rounded toward zero; null outside any sane scale. */
function toWad(value: bigint, expo: number): Wad | null {
  if (!Number.isInteger(expo) || expo < -60 || expo > 18) return null;
  const scale = 18 + expo;
  return scale >= 0 ? value * 10n ** BigInt(scale) : value / 10n ** BigInt(-scale);
}

function detailBigint(quote: Quote, name: string): bigint | null {
  const value = quote.details[name];
  return typeof value === 'string' && /^-?\d{1,80}$/.test(value) ? BigInt(value) : null;
}

/**
 * Half width of a source that publishes none: a Chainlink answer may be off by its deviation threshold without an
 * update, a pool's price by its fee without an arbitrage.
 */
function impliedHalfWidth(plan: SourcePlan, quote: Quote, priceWad: Wad): Wad {
  const { source } = plan;
  if (source.kind === 'chainlink')
    return (priceWad * BigInt(Math.round(source.deviationBps * 100))) / 1_000_000n;
  if (source.kind === 'uniswap-v3-twap') {
    const { feePips } = quote.details;
    const pips =
      typeof feePips === 'number' && feePips >= 0 ? Math.round(feePips) : GUARD_LIMITS.defaultPoolFeePips;
    return (priceWad * BigInt(pips)) / 1_000_000n;
  }
  return 0n;
}

interface Leg {
  readonly priceWad: Wad;
  readonly halfWidthWad: Wad;
  readonly publishTimeMs: UnixMs;
}

/** Multiplies by the feed that turns the source's quote asset into the feed's. */
function compose(leg: Leg, plan: SourcePlan, quotePrice: RobustPrice | undefined): Leg | GuardReason {
  const { quoteFeed } = plan.source;
  const market = quotePrice?.market;
  if (!market?.verdicts.margin.usable) {
    const why = quotePrice?.verdicts.margin.reasons[0]?.message ?? 'it is not configured';
    return { code: 'quote-leg', message: `${quoteFeed ?? plan.quoteAsset} is not usable: ${why}` };
  }
  const skewMs = Math.abs(market.publishTimeMs - leg.publishTimeMs);
  if (!(skewMs <= plan.maxLegSkewMs)) {
    const message = `the legs are ${seconds(skewMs)} apart, the limit is ${seconds(plan.maxLegSkewMs)}`;
    return { code: 'leg-skew', message };
  }
  return {
    priceWad: (leg.priceWad * market.priceWad) / WAD,
    halfWidthWad: (leg.halfWidthWad * market.priceWad + leg.priceWad * market.confidenceWad) / WAD,
    publishTimeMs: Math.min(leg.publishTimeMs, market.publishTimeMs),
  };
}

/** Guards that need nothing but the source's own quote. */
function checkOwn(plan: SourcePlan, quote: Quote, nowMs: UnixMs): GuardReason | null {
  if (quote.quoteAsset !== plan.quoteAsset) {
    const message = `the quote is in ${quote.quoteAsset}, configured is ${plan.quoteAsset}`;
    return { code: 'unit', message };
  }
  if (quote.price <= 0n) return { code: 'non-positive-price', message: `the price is ${quote.price}` };
  if (quote.confidence < 0n) return { code: 'confidence', message: `the confidence is ${quote.confidence}` };
  const age = checkAge(quote.publishTimeMs, quote.blockTimeMs, plan.maxAgeMs, plan.maxReadAgeMs, nowMs);
  if (age !== null) return age;
  if (plan.source.kind === 'chainlink') {
    return checkNearBound(quote.price, detailBigint(quote, 'minAnswer'), detailBigint(quote, 'maxAnswer'));
  }
  if (plan.minHarmonicLiquidity > 0n) {
    const liquidity = detailBigint(quote, 'harmonicMeanLiquidity') ?? 0n;
    if (liquidity < plan.minHarmonicLiquidity) {
      const message = `harmonic mean liquidity is ${liquidity}, the minimum ${plan.minHarmonicLiquidity}`;
      return { code: 'liquidity', message };
    }
  }
  return null;
}

/** The half width doubles over the source's permitted age: an old price is known less well. */
function widenWithAge(halfWidthWad: Wad, ageMs: number, maxAgeMs: number): Wad {
  const maxAge = BigInt(Math.round(maxAgeMs));
  const age = BigInt(Math.round(Math.max(0, ageMs)));
  return (halfWidthWad * (maxAge + age)) / maxAge;
}

/**
 * Brings a quote into the feed's unit and applies every guard that looks at one source alone. The price is given also
 * when a guard refuses it, as evidence, whenever there is one.
 */
export function candidateOf(
  feed: FeedPlan,
  plan: SourcePlan,
  quote: Quote,
  quotePrices: ReadonlyMap<string, RobustPrice>,
  nowMs: UnixMs,
): Candidate | { readonly plan: SourcePlan; readonly priceWad: null; readonly reason: GuardReason } {
  const ownPrice = toWad(quote.price, quote.expo);
  const ownWidth = toWad(quote.confidence, quote.expo);
  if (ownPrice === null || ownWidth === null) {
    const message = `the exponent ${quote.expo} is no scale of a price`;
    return { plan, priceWad: null, reason: { code: 'unit', message } };
  }
  const implied = impliedHalfWidth(plan, quote, ownPrice);
  const halfWidthWad = ownWidth > implied ? ownWidth : implied;
  let leg: Leg = { priceWad: ownPrice, halfWidthWad, publishTimeMs: quote.publishTimeMs };
  let reason = checkOwn(plan, quote, nowMs);
  if (plan.quoteAsset !== feed.config.quote) {
    const composed = compose(leg, plan, quotePrices.get(plan.source.quoteFeed ?? ''));
    // Without the other leg the number is in another unit: not even evidence.
    if ('code' in composed) return { plan, priceWad: null, reason: reason ?? composed };
    leg = composed;
  }
  reason ??= checkPlausible(leg.priceWad, feed.minWad, feed.maxWad);
  if (reason !== null) return { plan, ...leg, reason };
  const limit = feed.confidenceLimitPpm * BigInt(GUARD_LIMITS.sourceConfidenceMultiple);
  if (leg.halfWidthWad * 1_000_000n > leg.priceWad * limit) {
    const message = `the source's own confidence is ${bps(leg.halfWidthWad, leg.priceWad)}, the limit ${Number(limit) / 100} bp`;
    return { plan, ...leg, reason: { code: 'confidence', message } };
  }
  const wide = widenWithAge(leg.halfWidthWad, nowMs - quote.publishTimeMs, plan.maxAgeMs);
  return { plan, ...leg, halfWidthWad: wide > 0n ? wide : 1n, reason: null };
}
