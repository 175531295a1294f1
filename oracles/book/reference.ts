import { BreakwaterError, type FieldIssue } from '../../risk/errors.ts';
import { wadFromDecimal, wadToFloat } from '../../risk/units/wad.ts';
import type { FeedConfig } from '../config/feeds.ts';
import type { Quote } from '../quotes/quote.ts';

/** A market may have moved by this factor since the reference was written down; a wrong scale is off by 10 at least. */
const SAME_SCALE = Math.sqrt(10);

/** Sources or bounds of feeds whose unit, scale or direction is another one than the reference price says. */
export class ReferencePriceError extends BreakwaterError {
  override readonly name = 'ReferencePriceError';
  readonly feedIds: readonly string[];
  constructor(mismatches: readonly ReferenceMismatch[]) {
    const issues: FieldIssue[] = mismatches.map(({ field, message }) => ({ field, message }));
    super(
      `prices contradict their reference:\n${issues.map((i) => `  ${i.field}: ${i.message}`).join('\n')}`,
      {
        type: 'reference-price',
        kind: 'invalid-input',
        issues,
      },
    );
    this.feedIds = [...new Set(mismatches.map(({ feedId }) => feedId))];
  }
}

export interface ReferenceMismatch {
  readonly feedId: string;
  /** Null where the configuration itself contradicts the reference. */
  readonly sourceId: string | null;
  readonly field: string;
  readonly message: string;
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));
const near = (ratio: number): boolean => ratio > 1 / SAME_SCALE && ratio < SAME_SCALE;

/** What is wrong with a price in comparison with the reference; null when both are of one scale and direction. */
export function mismatchOf(price: number, reference: number): string | null {
  const ratio = price / reference;
  if (near(ratio)) return null;
  const says = `${figure(price)} is ${figure(ratio)} times the reference price ${figure(reference)}`;
  if (near(price * reference)) return `${says}: it is inverted`;
  return `${says}: the scale is off by 10^${Math.round(Math.log10(ratio))}`;
}

/** A source's quote against the reference of its feed; `unitPrice` is what one of its quote asset is worth in the feed's. */
export function checkQuote(config: FeedConfig, quote: Quote, unitPrice = 1): ReferenceMismatch | null {
  if (config.referencePrice === undefined || quote.price <= 0n) return null;
  const price = Number(quote.price) * 10 ** quote.expo * unitPrice;
  const wrong = mismatchOf(price, wadToFloat(wadFromDecimal(config.referencePrice, 'referencePrice')));
  if (wrong === null) return null;
  const field = `feeds.${config.id}.sources.${quote.sourceId}`;
  return { feedId: config.id, sourceId: quote.sourceId, field, message: wrong };
}

function checkBounds({ id, minPrice, maxPrice, referencePrice }: FeedConfig): ReferenceMismatch | null {
  if (referencePrice === undefined) return null;
  const [low, high, reference] = [minPrice, maxPrice, referencePrice].map(Number) as [number, number, number];
  if (low <= reference && reference <= high) return null;
  const field = `feeds.${id}.referencePrice`;
  const inverted = low <= 1 / reference && 1 / reference <= high ? ': one of both is inverted' : '';
  const message = `${referencePrice} is outside of ${minPrice} to ${maxPrice}${inverted}`;
  return { feedId: id, sourceId: null, field, message };
}

/**
 * The configuration against its own reference prices: plausibility bounds, and products along quote assets. Quotes are
 * checked when they come, by the price book.
 * @throws ReferencePriceError naming every feed that contradicts
 */
export function checkReferences(feeds: readonly FeedConfig[]): void {
  const byId = new Map(feeds.map((feed) => [feed.id, feed]));
  const mismatches = feeds.flatMap((feed) => {
    const found = [checkBounds(feed)];
    const { rateAnchor, referencePrice, id } = feed;
    const leg = rateAnchor?.quoteFeed === undefined ? '1' : byId.get(rateAnchor.quoteFeed)?.referencePrice;
    if (rateAnchor !== undefined && referencePrice !== undefined && leg !== undefined) {
      const message = mismatchOf(Number(rateAnchor.rate) * Number(leg), Number(referencePrice));
      const field = `feeds.${id}.rateAnchor.rate`;
      if (message !== null) found.push({ feedId: id, sourceId: null, field, message });
    }
    return found.filter((mismatch) => mismatch !== null);
  });
  if (mismatches.length > 0) throw new ReferencePriceError(mismatches);
}
