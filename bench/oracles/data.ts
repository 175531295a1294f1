import { type FeedConfig, feedSchema } from '../../oracles/config/feeds.ts';
import { EMPTY_MEMORY, type FeedMemory } from '../../oracles/guards/memory.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import type { Quote, SourceReport } from '../../oracles/quotes/quote.ts';
import { seeded } from '../timing.ts';

export const NOW_MS = Date.UTC(2025, 5, 1);
export const SOURCES = 7;
const EXPO = -8;

const address = (number: number): `0x${string}` => `0x${number.toString(16).padStart(40, '0')}`;
export const priceIdOf = (feed: number): `0x${string}` => `0x${(feed + 1).toString(16).padStart(64, '0')}`;
export const firstPrice = (feed: number): number => 10 + 37 * (feed % 1000);

/**
 * A feed with the default limits of its class and seven sources in four independent groups: Pyth in three places,
 * Chainlink in two, and a pool on each of two chains, whose prices are in USDC.
 */
export function makeFeed(feed: number): FeedConfig {
  const priceId = priceIdOf(feed);
  const onchain = ['hub', 'l2'].flatMap((chain, c) => [
    {
      kind: 'pyth-onchain',
      id: `pyth-onchain:${chain}`,
      group: 'pyth',
      chain,
      contract: address(1),
      priceId,
      maxAgeSeconds: 600,
    },
    {
      kind: 'chainlink',
      id: `chainlink:${chain}`,
      group: 'chainlink',
      chain,
      proxy: address(1000 + 10 * feed + c),
      decimals: 8,
      heartbeatSeconds: 3600,
      deviationBps: 50,
      maxAgeSeconds: 3900,
    },
    {
      kind: 'uniswap-v3-twap',
      id: `uniswap-v3-twap:${chain}`,
      group: `pool:${chain}`,
      chain,
      pool: address(2000 + 10 * feed + c),
      baseToken: address(3000 + feed),
      baseDecimals: 18,
      quoteDecimals: 6,
      windowSeconds: 1800,
      minHarmonicLiquidity: '1000000',
      quoteAsset: 'USDC',
      quoteFeed: 'USDC-USD',
      maxAgeSeconds: 600,
    },
  ]);
  const hermes = { kind: 'pyth-hermes', id: 'pyth-hermes', group: 'pyth', priceId, maxAgeSeconds: 60 };
  return feedSchema.parse({
    id: `F${feed}-USD`,
    base: `F${feed}`,
    quote: 'USD',
    class: 'major',
    minPrice: '0.01',
    maxPrice: '10000000',
    sources: [hermes, ...onchain],
  });
}

/** The feed that turns the pools' USDC into USD; it has only the Pyth and Chainlink sources. */
export function makeUsdcFeed(): FeedConfig {
  const { sources } = makeFeed(0);
  const own = sources.filter(({ kind }) => kind !== 'uniswap-v3-twap');
  return { ...makeFeed(0), id: 'USDC-USD', base: 'USDC', class: 'stable', fullGroups: 2, sources: own };
}

/** A report of one source near `price`, of `ageMs` before now. */
export function makeReport(config: FeedConfig, index: number, price: number, nowMs: number): SourceReport {
  const source = config.sources[index]!;
  const chain = 'chain' in source ? source.chain : null;
  const pool = source.kind === 'uniswap-v3-twap';
  const expo = pool ? -18 : EXPO;
  const scaled = BigInt(Math.round(price * 1e8));
  const quote: Quote = {
    feedId: config.id,
    sourceId: source.id,
    kind: source.kind,
    base: config.base,
    quoteAsset: source.quoteAsset ?? config.quote,
    price: pool ? scaled * 10n ** 10n : scaled,
    expo,
    confidence: source.kind.startsWith('pyth') ? scaled / 5000n : 0n,
    publishTimeMs: nowMs - 1000,
    receivedAtMs: nowMs,
    chain,
    blockNumber: chain === null ? null : 100n,
    blockTimeMs: chain === null ? null : nowMs - 1000,
    independenceGroup: source.group,
    details: pool
      ? { feePips: 500, harmonicMeanLiquidity: '123456789', windowSeconds: 1800, meanTick: 1 }
      : source.kind === 'chainlink'
        ? { minAnswer: '1', maxAnswer: '100000000000000000', roundId: '1', phaseId: 1 }
        : { slot: '1', signers: 3 },
  };
  return { ok: true, quote };
}

/** All sources of a feed around its first price; `spread` in shares of it. */
export function makeReports(
  config: FeedConfig,
  price: number,
  random: () => number,
  nowMs: number,
  spread = 0.001,
): SourceReport[] {
  return config.sources.map((_, index) =>
    makeReport(config, index, price * (1 + spread * (random() - 0.5)), nowMs),
  );
}

export const makeRandom = () => seeded(20250601);

/** What a feed remembers in a calm market. */
export function makeMemory(price: number): FeedMemory {
  const priceWad = BigInt(Math.round(price * 1e8)) * 10n ** 10n;
  return { ...EMPTY_MEMORY, lastGood: { priceWad, atMs: NOW_MS - 1000 }, ema1hWad: priceWad };
}

/** Sum over prices, confidences and verdicts that two programs must share. */
export function checksumOf({ market, verdicts }: RobustPrice): number {
  const usable =
    Number(verdicts.open.usable) + 2 * Number(verdicts.margin.usable) + 4 * Number(verdicts.liquidate.usable);
  if (market === null) return usable;
  return Number(market.priceWad % 1_000_000_007n) + Number(market.confidenceWad % 998_244_353n) + usable;
}
