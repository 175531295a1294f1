import { CLASS_LIMITS } from '../../oracles/config/classes.ts';
import type { FeedConfig } from '../../oracles/config/feeds.ts';
import type { Quote, SourceReport } from '../../oracles/quotes/quote.ts';

/** What the two programs must share. */
export interface PlainPrice {
  readonly price: bigint;
  readonly confidence: bigint;
}

const PPM = 1_000_000n;

interface Vote {
  readonly value: bigint;
  readonly weight: bigint;
}

function widthOf(quote: Quote, price: bigint, source: FeedConfig['sources'][number]): bigint {
  const own = quote.confidence * 10n ** BigInt(18 + quote.expo);
  if (source.kind === 'chainlink') return (price * BigInt(Math.round(source.deviationBps * 100))) / PPM;
  return source.kind === 'uniswap-v3-twap' ? (price * BigInt(Number(quote.details.feePips))) / PPM : own;
}

function fromBelow(votes: readonly Vote[], total: bigint, part: bigint): bigint {
  let sum = 0n;
  for (const { value, weight } of votes) {
    sum += weight;
    if (sum * part > total) return value;
  }
  return votes.at(-1)!.value;
}

/**
 * The steps of docs/oracles.md for sources that all are in order, each written down as it is said there: no plan made
 * beforehand, nothing kept, every number a bigint. What the real one must answer, and slower; it has no reasons,
 * no memory and no evidence.
 */
export function plainPrice(
  config: FeedConfig,
  reports: readonly SourceReport[],
  nowMs: number,
  quotePrice: PlainPrice,
): PlainPrice {
  const limits = CLASS_LIMITS[config.class ?? 'major'];
  const fresh = config.sources.map((source) => {
    const report = reports.find((each) => each.ok && each.quote.sourceId === source.id);
    if (!report?.ok) throw new Error(`${source.id} has no quote`);
    const { quote } = report;
    const ageMs = nowMs - quote.publishTimeMs;
    if (ageMs < -15_000 || ageMs > source.maxAgeSeconds * 1000) throw new Error(`${source.id} is stale`);
    let price = quote.price * 10n ** BigInt(18 + quote.expo);
    let width = widthOf(quote, price, source);
    if (source.quoteAsset !== undefined) {
      width = (width * quotePrice.price + price * quotePrice.confidence) / 10n ** 18n;
      price = (price * quotePrice.price) / 10n ** 18n;
    }
    if (width * PPM > price * BigInt(limits.maxConfidenceBps * 200))
      throw new Error(`${source.id} is too wide`);
    const maxAge = BigInt(Math.round(source.maxAgeSeconds * 1000));
    width = (width * (maxAge + BigInt(Math.max(0, ageMs)))) / maxAge;
    return { source, price, width: width > 0n ? width : 1n };
  });
  const groups = new Map<string, number>();
  for (const { source } of fresh) groups.set(source.group, (groups.get(source.group) ?? 0) + 1);
  const seen = new Map<string, number>();
  const votes = fresh.flatMap(({ source, price, width }): Vote[] => {
    const size = groups.get(source.group)!;
    const nth = (seen.get(source.group) ?? 0) + 1;
    seen.set(source.group, nth);
    const unit = 10n ** 15n;
    const share = unit / BigInt(size);
    const weight = nth === size ? unit - share * BigInt(size - 1) : share;
    return [price - width, price, price + width].map((value) => ({ value, weight }));
  });
  votes.sort((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0));
  const total = votes.reduce((sum, { weight }) => sum + weight, 0n);
  const reversed = [...votes].reverse();
  const middle = fromBelow(votes, total, 2n) + fromBelow(reversed, total, 2n);
  const price = middle / 2n;
  const below = price - fromBelow(votes, total, 4n);
  const above = fromBelow(reversed, total, 4n) - price;
  const confidence = below > above ? below : above;
  return { price, confidence: confidence > 0n ? confidence : 1n };
}
