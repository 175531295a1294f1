import { MAX_AGE_SECONDS } from '../cluster/configuration.ts';
import { BASE_PRICES } from '../cluster/market.ts';

/** A gateway says this long after the last look at its sources that what it formed then is current. */
const VALID_MS = 30_000;
const MAX_AGE_MS = MAX_AGE_SECONDS * 1000;
/** Blocks and updates carry whole seconds, and answers are under way. */
const TOLERANCE_MS = 2_500;
const PRICE_TOLERANCE = 0.0015;

/** A price in an answer that claims to be current. */
export interface ClaimedPrice {
  readonly feed: string;
  readonly price: string | null;
  readonly publishTime: string | null;
}

export interface Observation {
  /** Machine time at which the request left and the answer came. */
  readonly sentMs: number;
  readonly receivedMs: number;
  /** How far ahead the gateway's clock is; null: not known in this moment. */
  readonly offsetMs: number | null;
  /** Since when the gateway hears from none of its price sources; null: it hears from one at least. */
  readonly deafSinceMs: number | null;
}

/** Prices of the market by asset and second. */
export type PriceAt = (asset: string, unixSeconds: number) => number;

/**
 * What is wrong with an answer that says `stale: false`, against what the market really was; null when nothing is.
 */
export function freshnessProblem(
  answer: { readonly asOf: string; readonly validUntil: string; readonly prices: readonly ClaimedPrice[] },
  { sentMs, receivedMs, offsetMs, deafSinceMs }: Observation,
  priceAt: PriceAt,
): string | null {
  if (offsetMs !== null) {
    const asOf = Date.parse(answer.asOf) - offsetMs;
    const validUntil = Date.parse(answer.validUntil) - offsetMs;
    if (asOf > receivedMs + TOLERANCE_MS) return `asOf ${answer.asOf} lies ahead of the answer`;
    if (validUntil < sentMs - TOLERANCE_MS) return `validUntil ${answer.validUntil} had passed`;
    if (asOf < sentMs - VALID_MS - TOLERANCE_MS) return `asOf ${answer.asOf} is older than ${VALID_MS} ms`;
  }
  if (deafSinceMs !== null && sentMs > deafSinceMs + VALID_MS + MAX_AGE_MS + TOLERANCE_MS) {
    return `current, though no source was heard for ${Math.round((sentMs - deafSinceMs) / 1000)} s`;
  }
  for (const price of answer.prices) {
    const problem = priceProblem(price, { sentMs, receivedMs, deafSinceMs }, priceAt);
    if (problem !== null) return problem;
  }
  return null;
}

function priceProblem(
  { feed, price, publishTime }: ClaimedPrice,
  { sentMs, receivedMs, deafSinceMs }: Omit<Observation, 'offsetMs'>,
  priceAt: PriceAt,
): string | null {
  if (price === null || publishTime === null) return `${feed}: current without a price`;
  const publishMs = Date.parse(publishTime);
  if (publishMs > receivedMs + TOLERANCE_MS) return `${feed}: published at ${publishTime}, in the future`;
  if (publishMs < sentMs - VALID_MS - MAX_AGE_MS - TOLERANCE_MS) {
    return `${feed}: current, though published ${Math.round((sentMs - publishMs) / 1000)} s ago`;
  }
  if (deafSinceMs !== null && publishMs > deafSinceMs + TOLERANCE_MS) {
    return `${feed}: published at ${publishTime}, after its sources were cut off`;
  }
  const [asset] = feed.split('-') as [string];
  // Pools stand still; the others had what the market was in the seconds before.
  const second = Math.floor(publishMs / 1000);
  const seen = Array.from({ length: 2 * MAX_AGE_SECONDS }, (_, back) =>
    priceAt(asset, second + MAX_AGE_SECONDS - back),
  );
  const pools = BASE_PRICES[asset]!;
  const low = Math.min(pools, ...seen) * (1 - PRICE_TOLERANCE);
  const high = Math.max(pools, ...seen) * (1 + PRICE_TOLERANCE);
  const value = Number(price);
  return value >= low && value <= high ? null : `${feed}: ${price} is outside of ${low} to ${high}`;
}
