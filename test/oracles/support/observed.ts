import { evaluateFeed } from '../../../oracles/aggregation/evaluate.ts';
import type { AssetClass } from '../../../oracles/config/classes.ts';
import { type FeedConfig, observedFeedSchema } from '../../../oracles/config/feeds.ts';
import { advanceMemory, EMPTY_MEMORY, type FeedMemory } from '../../../oracles/guards/memory.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import { quote } from './feeds.ts';

/** A feed of `count` observed sources `s:0`, `s:1`, ..., each in a group of its own, with the defaults of a class. */
export const observedFeed = (
  assetClass: AssetClass,
  count: number,
  over: object = {},
  methodOf: (index: number) => 'cex' | 'dex-twap' = () => 'cex',
): FeedConfig =>
  observedFeedSchema.parse({
    id: 'ETH-USD',
    base: 'ETH',
    quote: 'USD',
    class: assetClass,
    minPrice: '0.00000001',
    maxPrice: '1000000000',
    sources: Array.from({ length: count }, (_, index) => ({
      kind: 'observed',
      id: `s:${index}`,
      group: `g${index}`,
      method: methodOf(index),
      maxAgeSeconds: 60,
    })),
    ...over,
  });

/** What a feed answers to one price after another, each from every source, with the memory that this leaves behind. */
export function playPrices(
  config: FeedConfig,
  steps: readonly { readonly atMs: number; readonly prices: readonly number[] }[],
  details: Record<string, number> = {},
  memory: FeedMemory = EMPTY_MEMORY,
): RobustPrice[] {
  let remembered = memory;
  return steps.map(({ atMs, prices }) => {
    const reports = prices.map((price, index) =>
      quote(config, `s:${index}`, price, { publishTimeMs: atMs, details }),
    );
    const price = evaluateFeed(config, reports, atMs, { quotePrices: new Map(), memory: remembered });
    remembered = advanceMemory(remembered, price);
    return price;
  });
}
