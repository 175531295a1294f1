import type { z } from 'zod';
import { type FeedConfig, feedSchema, type SourceConfig } from '../../../oracles/config/feeds.ts';
import type { Quote, SourceReport } from '../../../oracles/quotes/quote.ts';

export const NOW = 1_760_000_000_000;
export const address = (digit: string): `0x${string}` => `0x${digit.repeat(40)}`;
export const priceId = (digit: string): `0x${string}` => `0x${digit.repeat(64)}`;

type FeedInput = z.input<typeof feedSchema>;
type SourceInput = FeedInput['sources'][number];

export const pyth = (over: Partial<SourceInput> = {}): SourceInput =>
  ({
    kind: 'pyth-hermes',
    id: 'pyth:hermes',
    group: 'pyth',
    maxAgeSeconds: 60,
    priceId: priceId('a'),
    ...over,
  }) as SourceInput;

export const chainlink = (over: Partial<SourceInput> = {}): SourceInput =>
  ({
    kind: 'chainlink',
    id: 'chainlink:hub',
    group: 'chainlink',
    chain: 'hub',
    maxAgeSeconds: 3900,
    proxy: address('1'),
    decimals: 8,
    heartbeatSeconds: 3600,
    deviationBps: 50,
    ...over,
  }) as SourceInput;

export const twap = (over: Partial<SourceInput> = {}): SourceInput =>
  ({
    kind: 'uniswap-v3-twap',
    id: 'twap:hub',
    group: 'pool:hub',
    chain: 'hub',
    maxAgeSeconds: 300,
    pool: address('2'),
    baseToken: address('3'),
    baseDecimals: 18,
    quoteDecimals: 6,
    windowSeconds: 1800,
    ...over,
  }) as SourceInput;

export function feed(over: Partial<FeedInput> = {}): FeedConfig {
  return feedSchema.parse({
    id: 'ETH-USD',
    base: 'ETH',
    quote: 'USD',
    minPrice: '10',
    maxPrice: '100000',
    sources: [pyth(), chainlink(), twap()],
    ...over,
  });
}

/** A quote of one source in units of 1e-8, fresh at NOW unless told otherwise. */
export function quote(
  config: FeedConfig,
  sourceId: string,
  price: number,
  over: Partial<Quote> = {},
): SourceReport {
  const source = config.sources.find(({ id }) => id === sourceId) as SourceConfig;
  const onChain = 'chain' in source;
  return {
    ok: true,
    quote: {
      feedId: config.id,
      sourceId,
      kind: source.kind,
      base: config.base,
      quoteAsset: source.quoteAsset ?? config.quote,
      price: BigInt(Math.round(price * 1e8)),
      expo: -8,
      confidence: 0n,
      publishTimeMs: NOW,
      receivedAtMs: NOW,
      chain: onChain ? source.chain : null,
      blockNumber: onChain ? 100n : null,
      blockTimeMs: onChain ? NOW : null,
      independenceGroup: source.group,
      details: {},
      ...over,
    },
  };
}

export function failure(config: FeedConfig, sourceId: string, code: string, atMs = NOW): SourceReport {
  const source = config.sources.find(({ id }) => id === sourceId) as SourceConfig;
  return {
    ok: false,
    failure: {
      feedId: config.id,
      sourceId,
      kind: source.kind,
      chain: 'chain' in source ? source.chain : null,
      code,
      message: `said ${code}`,
      atMs,
    },
  };
}
