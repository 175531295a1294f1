import { deviationBreaker, stalenessBreaker } from '../../oracles/guards/circuit-breakers.ts';
import { isBeyond } from '../../oracles/guards/history.ts';
import { reduce, type TimedPrice } from '../../oracles/reducers/reduce.ts';
import type { Wad } from '../../risk/units/wad.ts';
import { type Answer, NO_ANSWER, wad } from './answer.ts';
import type { CaseQuote, Question } from './case.ts';

const DEFAULT_HEARTBEAT_SECONDS = 3600;

const timed = ({ price, publishTime }: CaseQuote): TimedPrice => ({
  price: wad(price),
  timestampSeconds: publishTime,
});

const usableFor = (priceWad: Wad): Answer => ({
  priceWad,
  usable: { open: true, margin: true, liquidate: true },
  reasons: [],
});

const none = (...reasons: string[]): Answer => ({ priceWad: null, usable: NO_ANSWER, reasons });

/** The median of every number that is there, whoever said it and whenever. */
export function plainMedian({ quotes }: Question): Answer {
  const [first, ...rest] = quotes.map(timed);
  return first === undefined ? none('quorum') : usableFor(reduce('median', [first, ...rest]).price);
}

function isFresh({ publishTime, heartbeatSeconds, price }: CaseQuote, now: number): boolean {
  const value = { price: wad(price), ageSeconds: now - publishTime };
  return stalenessBreaker(value, null, heartbeatSeconds ?? DEFAULT_HEARTBEAT_SECONDS).ok;
}

/** Tolerance of the deviation breaker: 5 %. */
const BREAKER_TOLERANCE_WAD = 5n * 10n ** 16n;

/**
 * A node graph in Synthetix's style, from its own building blocks: a staleness breaker on every leaf, the median of
 * what is left, and a deviation breaker of 5 % against the hourly average where there is one. One answer for all
 * purposes.
 */
export function synthetixStyle({ quotes, now, context }: Question): Answer {
  const [first, ...rest] = quotes.filter((quote) => isFresh(quote, now)).map(timed);
  if (first === undefined) return none('staleness');
  const { price } = reduce('median', [first, ...rest]);
  if (context.ema1h !== null) {
    const breaker = deviationBreaker(price, wad(context.ema1h), BREAKER_TOLERANCE_WAD);
    if (!breaker.ok) return none('deviation');
  }
  return usableFor(price);
}

const MAX_CONFIDENCE_BPS = 200n;
const MAX_DIVERGENCE_BPS = 500;
const MAX_TWAP_DIVERGENCE_BPS = 1500;

function isConfident({ price, confidence }: CaseQuote): boolean {
  if (confidence === null) return true;
  const width = wad(confidence);
  return width * 10_000n <= wad(price) * MAX_CONFIDENCE_BPS;
}

/**
 * A chain in Kamino Scope's style: sources that are fresh and confident within 2 %, capped by the growth limit of a
 * rate, none if the newest and any other diverge by more than 5 %, else the newest; refused when it is more than 15 %
 * from the hourly average. The figures are chosen for this comparison. One answer for all purposes.
 */
export function kaminoStyle({ quotes, now, context }: Question): Answer {
  const good = quotes.filter((quote) => isFresh(quote, now) && isConfident(quote)).map(timed);
  const [first, ...rest] = good;
  if (first === undefined) return none('staleness', 'confidence');
  const newest = reduce('recent', [first, ...rest]).price;
  if (newest <= 0n || good.some(({ price }) => price <= 0n || isBeyond(price, newest, MAX_DIVERGENCE_BPS)))
    return none('disagreement');
  if (context.ema1h !== null) {
    const ema = wad(context.ema1h);
    if (isBeyond(newest, ema, MAX_TWAP_DIVERGENCE_BPS)) return none('deviation');
  }
  const anchor = context.exchangeRateAnchor;
  if (anchor === null) return usableFor(newest);
  const growth = (Number(anchor.maxYearlyGrowth) * (now - anchor.time)) / 31_536_000;
  const base = wad(anchor.price);
  const cap = base + (base * BigInt(Math.round(growth * 1e9))) / 1_000_000_000n;
  return newest > cap ? { ...usableFor(cap), reasons: ['growth-cap'] } : usableFor(newest);
}
