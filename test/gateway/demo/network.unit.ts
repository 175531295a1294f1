import { describe, expect, it } from 'vitest';
import { chainSchema } from '../../../chains/registry/chain.ts';
import { networkSchema } from '../../../gateway/config/network.ts';
import { demoNetwork, type NetworkChain } from '../../../gateway/demo/network.ts';

const address = (digit: number) => `0x${`${digit}`.repeat(40)}` as const;
const id = (digit: number) => `0x${`${digit}`.repeat(64)}` as const;

function chain(name: string, chainId: number, sequencer: boolean): NetworkChain {
  const definition = chainSchema.parse({
    id: name,
    name,
    chainId,
    rpcUrls: ['http://127.0.0.1:8545'],
    blockTimeSeconds: 2,
    maxHeadAgeSeconds: 60,
    multicall3: address(9),
    sequencerUptimeFeed: sequencer ? address(8) : null,
  });
  const feed = { proxy: address(1), decimals: 8, heartbeatSeconds: 86_400, deviationBps: 5 };
  const pool = { pool: address(2), baseToken: address(3), baseDecimals: 18, quoteDecimals: 6 };
  return {
    definition,
    chainlink: { BTC: feed, ETH: feed, SOL: feed, USDC: feed },
    pyth: { contract: address(4), priceIds: { BTC: id(1), ETH: id(2), SOL: id(3), USDC: id(4) } },
    pools: { BTC: pool, ETH: pool, SOL: pool },
    sequencerAggregator: sequencer ? address(7) : null,
  };
}

const signerSet = { index: 0, addresses: [address(5)], quorum: 1, emitter: { chain: 26, address: id(6) } };
const make = (stepSeconds: number) =>
  networkSchema.parse(
    demoNetwork({
      chains: [chain('hub', 31_337, false), chain('l2', 31_338, true)],
      hermes: { url: 'http://127.0.0.1:4000', signerSet },
      firstPrices: { BTC: 60_000, ETH: 3_000, SOL: 150, USDC: 1 },
      stepSeconds,
    }),
  );

describe('demoNetwork', () => {
  it('has every source of every feed, in groups that share a vote', () => {
    const network = make(30);
    const groups = Object.fromEntries(
      network.feeds.map((feed) => [feed.id, feed.sources.map((source) => `${source.id} in ${source.group}`)]),
    );
    const everywhere = [
      'pyth-hermes in pyth',
      'pyth-onchain:hub in pyth',
      'chainlink:hub in chainlink',
      'pyth-onchain:l2 in pyth',
      'chainlink:l2 in chainlink',
    ];
    expect(groups['USDC-USD']).toEqual(everywhere);
    for (const asset of ['BTC', 'ETH', 'SOL']) {
      const pools = ['hub', 'l2'].map((one) => `uniswap-v3-twap:${one} in pool:${one}:${asset}`);
      expect([...groups[`${asset}-USD`]!].sort()).toEqual([...everywhere, ...pools].sort());
    }
    const twap = network.feeds[0]!.sources.find(({ kind }) => kind === 'uniswap-v3-twap');
    expect(twap).toMatchObject({
      quoteAsset: 'USDC',
      quoteFeed: 'USDC-USD',
      windowSeconds: 600,
      maxLegSkewSeconds: 86_880,
    });
  });

  it('asks for a tenth of the liquidity that a pool starts with', () => {
    const pools = make(30).feeds.flatMap(({ sources }) =>
      sources.filter(({ kind }) => kind === 'uniswap-v3-twap'),
    );
    // 20 million USDC on each side: L = sqrt(x y).
    const [btc] = pools as { minHarmonicLiquidity: string; baseDecimals: number; quoteDecimals: number }[];
    const x = (20_000_000 / 60_000) * 10 ** btc!.baseDecimals;
    const y = 20_000_000 * 10 ** btc!.quoteDecimals;
    expect(Number(btc!.minHarmonicLiquidity) / Math.sqrt(x * y)).toBeCloseTo(0.1, 9);
    expect(pools).toHaveLength(6);
  });

  it('has perps of the coins and collateral of everything, margined by the standard module', () => {
    const network = make(30);
    expect(network.markets.map(({ id: market, kind, feedId }) => `${market} ${kind} ${feedId}`)).toEqual([
      'BTC-PERP perp BTC-USD',
      'ETH-PERP perp ETH-USD',
      'SOL-PERP perp SOL-USD',
      'BTC-USD collateral BTC-USD',
      'ETH-USD collateral ETH-USD',
      'SOL-USD collateral SOL-USD',
      'USDC-USD collateral USDC-USD',
    ]);
    expect(network.module).toEqual({ id: 'standard', version: '1.0.0', parameters: {} });
    expect(network.feeds.map(({ minPrice, maxPrice }) => [minPrice, maxPrice])).toEqual([
      ['1200', '3000000'],
      ['60', '150000'],
      ['3', '7500'],
      ['0.5', '1.5'],
    ]);
  });

  it('judges every feed by its class, and compares each source with where the market starts', () => {
    const judged = make(30).feeds.map(({ id, class: name, fullGroups, deepGroups, referencePrice }) =>
      [id, name, fullGroups, deepGroups, referencePrice].join(' '),
    );
    expect(judged).toEqual([
      'BTC-USD major   60000',
      'ETH-USD major   3000',
      'SOL-USD major   150',
      'USDC-USD stable 2 0 1',
    ]);
  });

  it('allows each source its heartbeat and a few steps of market time', () => {
    const ages = (stepSeconds: number) => {
      const network = make(stepSeconds);
      const [feed] = network.feeds;
      return {
        head: network.chains.map(({ maxHeadAgeSeconds }) => maxHeadAgeSeconds),
        sources: Object.fromEntries(feed!.sources.map((source) => [source.id, source.maxAgeSeconds])),
      };
    };
    expect(ages(30)).toEqual({
      head: [180, 180],
      sources: {
        'pyth-hermes': 180,
        'pyth-onchain:hub': 1980,
        'chainlink:hub': 86_880,
        'uniswap-v3-twap:hub': 180,
        'pyth-onchain:l2': 780,
        'chainlink:l2': 86_880,
        'uniswap-v3-twap:l2': 180,
      },
    });
    const read = (stepSeconds: number) =>
      make(stepSeconds).feeds[0]!.sources.map(({ maxReadAgeSeconds }) => maxReadAgeSeconds);
    expect(new Set(read(30).slice(1))).toEqual(new Set([300]));
    expect(new Set(read(300).slice(1))).toEqual(new Set([1800]));
    expect(ages(0.5).sources['pyth-hermes']).toBe(60);
  });
});
