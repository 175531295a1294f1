import { parseAbi } from 'viem';
import type { PythOnchainSource } from '../config/feeds.ts';
import { type Finding, type OnchainSource, refused } from './source.ts';

const PYTH_ABI = parseAbi([
  'struct Price { int64 price; uint64 conf; int32 expo; uint256 publishTime; }',
  'function getPriceUnsafe(bytes32 id) view returns (Price price)',
  'error PriceFeedNotFound()',
]);

interface PythPrice {
  readonly price: bigint;
  readonly conf: bigint;
  readonly expo: number;
  readonly publishTime: bigint;
}

/**
 * The Pyth contract of a chain. `getPriceUnsafe` does not check age: the publish time goes into the quote and
 * staleness is judged here, from that. Where nobody pushes updates the source is simply often stale.
 */
export const pythOnchain: OnchainSource<PythOnchainSource> = {
  calls: ({ contract, priceId }) => [
    { address: contract, abi: PYTH_ABI, functionName: 'getPriceUnsafe', args: [priceId] },
  ],
  facts: () => [],
  interpret({ outcomes }): Finding {
    const [outcome] = outcomes;
    if (!outcome?.ok) return refused('read-failed', outcome?.error ?? 'no outcome');
    const { price, conf, expo, publishTime } = outcome.value as PythPrice;
    if (price <= 0n) return refused('non-positive-price', `price is ${price}`);
    if (publishTime === 0n) return refused('never-published', 'nobody has pushed this price yet');
    return {
      ok: true,
      quote: {
        price,
        expo,
        confidence: conf,
        publishTimeMs: Number(publishTime) * 1000,
        details: {},
      },
    };
  },
};
