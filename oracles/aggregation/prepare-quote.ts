import type { Wad } from '../../risk/units/wad.ts';
import { checkNearBound, checkPlausible } from '../guards/bounds.ts';
import { GUARD_LIMITS } from '../guards/limits.ts';
import { checkObservation, depthOf } from '../guards/observation.ts';
import { poolDepth } from '../guards/pool-depth.ts';
import { bps, exceeds, type GuardReason, inBps } from '../guards/reason.ts';
import type { Quote } from '../quotes/quote.ts';
import type { FeedPlan, PreparedQuote, SourcePlan } from './plan.ts';

const NO_REASONS: readonly GuardReason[] = [];
const NOTHING = { halfWidthWad: 0n, halfWidthNumber: 0, depth: null } as const;

/** 10^0 to 10^42: every scale of a price. */
const POWERS = Array.from({ length: 43 }, (_, power) => 10n ** BigInt(power));

/** `value` x 10^`expo` in wad, rounded toward zero; null outside any sane scale. */
function toWad(value: bigint, expo: number): Wad | null {
  if (!Number.isInteger(expo) || expo < -60 || expo > 18) return null;
  const scale = 18 + expo;
  if (scale === 0) return value;
  return scale > 0 ? value * POWERS[scale]! : value / POWERS[-scale]!;
}

function detailBigint(quote: Quote, name: string): bigint | null {
  const value = quote.details[name];
  return typeof value === 'string' && /^-?\d{1,80}$/.test(value) ? BigInt(value) : null;
}

/**
 * Half width of a source that publishes none: a Chainlink answer may be off by its deviation threshold without an
 * update, a pool's price by its fee without an arbitrage.
 */
function impliedHalfWidth({ source, deviationPpm }: SourcePlan, quote: Quote, priceWad: Wad): Wad {
  if (source.kind === 'chainlink') return (priceWad * deviationPpm) / 1_000_000n;
  if (source.kind === 'uniswap-v3-twap' || source.kind === 'uniswap-v2-twap') {
    const { feePips } = quote.details;
    const known = typeof feePips === 'number' && feePips >= 0 && feePips <= 1_000_000;
    return (priceWad * BigInt(known ? Math.round(feePips) : GUARD_LIMITS.defaultPoolFeePips)) / 1_000_000n;
  }
  return 0n;
}

function checkLiquidity(plan: SourcePlan, quote: Quote): GuardReason | null {
  if (plan.minLiquidity === 0n) return null;
  const liquidity = detailBigint(quote, plan.liquidityDetail) ?? 0n;
  if (liquidity >= plan.minLiquidity) return null;
  const message = `${plan.liquidityDetail} is ${liquidity}, the minimum ${plan.minLiquidity}`;
  return { code: 'liquidity', message };
}

/** Guards of the price in the feed's own unit. Price and half width as doubles too: they decide but for near ties. */
export function checkPrice(
  feed: FeedPlan,
  priceWad: Wad,
  halfWidthWad: Wad,
  priceNumber: number,
  halfWidthNumber: number,
): readonly GuardReason[] {
  const implausible = checkPlausible(priceWad, feed.minWad, feed.maxWad);
  const limit = feed.sourceConfidenceLimitPpm;
  const wide = exceeds(halfWidthWad, priceWad, limit, halfWidthNumber, priceNumber);
  if (implausible === null && !wide) return NO_REASONS;
  const reasons: GuardReason[] = implausible === null ? [] : [implausible];
  if (wide) {
    const share = bps(halfWidthWad, priceWad);
    reasons.push({
      code: 'confidence',
      message: `the source's own confidence is ${share}, the limit ${Number(limit) / 100} bp`,
      measure: inBps(halfWidthWad, priceWad, Number(limit) / 100),
    });
  }
  return reasons;
}

function prepare(feed: FeedPlan, plan: SourcePlan, quote: Quote): PreparedQuote {
  const { publishTimeMs, blockTimeMs } = quote;
  const times = { quote, publishTimeMs, blockTimeMs };
  const priceWad = toWad(quote.price, quote.expo);
  const ownWidth = toWad(quote.confidence, quote.expo);
  if (priceWad === null || ownWidth === null) {
    const message = `the exponent ${quote.expo} is no scale of a price`;
    return { ...times, priceWad: null, priceNumber: 0, reasons: [{ code: 'unit', message }], ...NOTHING };
  }
  const reasons: GuardReason[] = [];
  if (quote.quoteAsset !== plan.quoteAsset) {
    reasons.push({
      code: 'unit',
      message: `the quote is in ${quote.quoteAsset}, configured is ${plan.quoteAsset}`,
    });
  }
  if (priceWad <= 0n) {
    reasons.push({ code: 'non-positive-price', message: `the price is ${quote.price} x 10^${quote.expo}` });
    return { ...times, priceWad, priceNumber: Number(priceWad), reasons, ...NOTHING };
  }
  if (quote.confidence < 0n)
    reasons.push({ code: 'confidence', message: `the confidence is ${quote.confidence}` });
  const nearBound =
    plan.source.kind === 'chainlink' || plan.source.kind === 'observed'
      ? checkNearBound(quote.price, detailBigint(quote, 'minAnswer'), detailBigint(quote, 'maxAnswer'))
      : null;
  if (nearBound !== null) reasons.push(nearBound);
  if (plan.source.kind === 'observed') reasons.push(...checkObservation(plan.source, quote));
  const liquidity = checkLiquidity(plan, quote);
  if (liquidity !== null) reasons.push(liquidity);
  const implied = impliedHalfWidth(plan, quote, priceWad);
  const halfWidthWad = ownWidth > implied ? ownWidth : implied;
  const priceNumber = Number(priceWad);
  const halfWidthNumber = Number(halfWidthWad);
  if (plan.quoteAsset === feed.config.quote) {
    const found = checkPrice(feed, priceWad, halfWidthWad, priceNumber, halfWidthNumber);
    for (const reason of found) reasons.push(reason);
  }
  return {
    quote,
    publishTimeMs,
    blockTimeMs,
    priceWad,
    halfWidthWad,
    priceNumber,
    halfWidthNumber,
    reasons: reasons.length === 0 ? NO_REASONS : reasons,
    depth: depthOf(quote) ?? poolDepth(plan.source, quote, priceNumber / 1e18),
  };
}

/** Worked out once per quote object as long as it is the source's latest. */
export function preparedQuote(feed: FeedPlan, plan: SourcePlan, quote: Quote): PreparedQuote {
  if (plan.prepared?.quote !== quote) plan.prepared = prepare(feed, plan, quote);
  return plan.prepared;
}
