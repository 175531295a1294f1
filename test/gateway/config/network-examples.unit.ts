import { existsSync, readFileSync } from 'node:fs';
import { encodeAbiParameters, getAddress, getCreate2Address, type Hex, keccak256 } from 'viem';
import { describe, expect, it } from 'vitest';
import { loadNetworkFile } from '../../../gateway/config/load-network.ts';
import { PriceBook } from '../../../oracles/book/price-book.ts';
import { findModule } from '../../../risk/modules/registry.ts';

const CHAINLINK = `0x${'11'.repeat(20)}`;
const OPERATOR = {
  ETHEREUM_RPC_URL: 'https://rpc.example/key',
  ARBITRUM_RPC_URL: 'https://rpc.example/key',
  BASE_RPC_URL: 'https://rpc.example/key',
  OPTIMISM_RPC_URL: 'https://rpc.example/key',
  CHAINLINK_BTC_USD: CHAINLINK,
  CHAINLINK_ETH_USD: CHAINLINK,
  CHAINLINK_USDC_USD: CHAINLINK,
  CHAINLINK_SEQUENCER_UPTIME: CHAINLINK,
};
const load = (name: string, environment: Record<string, string>) =>
  loadNetworkFile(`ops/networks/${name}.json`, environment);

describe.each(['ethereum', 'arbitrum', 'base', 'optimism'])('the example for %s', (name) => {
  it('is a whole configuration: feeds in order, units that fit, a module that takes its parameters', () => {
    const network = load(name, OPERATOR);
    expect(new PriceBook(network.feeds).feedIds.toSorted()).toEqual(['BTC-USD', 'ETH-USD', 'USDC-USD']);
    const module = findModule(network.module.id, network.module.version);
    expect(() => module.parseParameters(network.module.parameters)).not.toThrow();
  });

  it('judges every feed by its class, with fewer full groups only where there are no more', () => {
    const network = load(name, OPERATOR);
    for (const feed of network.feeds) {
      const groups = new Set(feed.sources.map(({ group }) => group)).size;
      expect([feed.id, feed.class]).toEqual([feed.id, feed.base === 'USDC' ? 'stable' : 'major']);
      expect([feed.id, feed.fullGroups]).toEqual([feed.id, groups < 3 ? 2 : undefined]);
      expect(feed.usedOn).toBe(network.chains[0]!.sequencerUptimeFeed === null ? undefined : name);
    }
  });

  it('does not start without an endpoint', () => {
    expect(() => load(name, {})).toThrow(`needs the environment variable ${name.toUpperCase()}_RPC_URL`);
  });
});

describe.each(['arbitrum', 'base', 'optimism'])('the example for %s', (name) => {
  it('takes every Chainlink address from the operator and refuses to start without them', () => {
    const { [`${name.toUpperCase()}_RPC_URL` as keyof typeof OPERATOR]: url } = OPERATOR;
    let message = '';
    try {
      load(name, { [`${name.toUpperCase()}_RPC_URL`]: url });
    } catch (error) {
      message = String(error);
    }
    for (const asset of ['BTC', 'ETH', 'USDC']) expect(message).toContain(`variable CHAINLINK_${asset}_USD`);
    expect(message).toContain(
      'chains[0].sequencerUptimeFeed: needs the environment variable CHAINLINK_SEQUENCER_UPTIME',
    );
  });
});

const VECTORS = '../shared/vectors';
const json = (path: string) => JSON.parse(readFileSync(`${VECTORS}/${path}`, 'utf8'));

describe.skipIf(!existsSync(VECTORS))('the addresses of the examples (needs ../shared/vectors)', () => {
  /** Native USDC of each chain, as its issuer publishes it. */
  const USDC: Readonly<Record<number, Hex>> = {
    1: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
    10: '0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85',
    8453: '0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913',
    42161: '0xaf88d065e77c8cC2239327C5EDb3A432268e5831',
  };
  /** Hash of UniswapV3Pool's creation code (POOL_INIT_CODE_HASH of v3-periphery's PoolAddress library). */
  const POOL_CODE_HASH = '0xe34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54';
  const FEES = [100, 500, 3000, 10_000];
  const names = ['ethereum', 'arbitrum', 'base', 'optimism'];

  it.each(names)('of %s: each pool is one of base token and USDC, by the factory of that chain', (name) => {
    const network = load(name, OPERATOR);
    const { chainId } = network.chains[0]!;
    const deployments: { chainId: number; v3CoreFactoryAddress: Hex }[] = Object.values(
      json('uniswap-deployments/uniswap-v3-v4-addresses.json'),
    );
    const from = deployments.find((one) => one.chainId === chainId)!.v3CoreFactoryAddress;
    const pools = network.feeds.flatMap(({ sources }) =>
      sources.filter(({ kind }) => kind === 'uniswap-v3-twap'),
    );
    expect(pools.length).toBeGreaterThan(0);
    for (const source of pools) {
      if (source.kind !== 'uniswap-v3-twap') continue;
      const tokens = [source.baseToken, USDC[chainId]!].sort((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
      const possible = FEES.map((fee) => {
        const key = [{ type: 'address' }, { type: 'address' }, { type: 'uint24' }] as const;
        const salt = keccak256(encodeAbiParameters(key, [tokens[0]!, tokens[1]!, fee]));
        return getCreate2Address({ from, salt, bytecodeHash: POOL_CODE_HASH });
      });
      expect(possible).toContain(getAddress(source.pool));
    }
  });

  it.each(names)('of %s: Pyth contract, price ids and LayerZero endpoint are the published ones', (name) => {
    const network = load(name, OPERATOR);
    const contracts: { chain: string; address: Hex; deploymentType?: string }[] = json(
      'pyth-contracts/EvmPriceFeedContracts.json',
    );
    const published = contracts
      .filter(({ chain }) => chain === name)
      .map(({ address }) => getAddress(address));
    const ids: Record<string, string> = json('pyth-contracts/price-feed-ids.subset.json');
    for (const feed of network.feeds) {
      for (const source of feed.sources) {
        if (source.kind === 'pyth-onchain') expect(published).toContain(getAddress(source.contract));
        if ('priceId' in source) expect(source.priceId).toBe(`0x${ids[`${feed.base}/${feed.quote}`]}`);
      }
    }
    const { layerZero } = network.chains[0]!;
    const endpoints = json('layerzero-deployments/lz-v2-addresses.json')[`${name}-mainnet`];
    expect(layerZero?.endpoint).toBe(endpoints.EndpointV2);
    const eids: Record<string, number> = json('layerzero-deployments/endpoint-ids-v2.json');
    expect(layerZero?.endpointId).toBe(eids[`${name.toUpperCase()}_V2_MAINNET`]);
  });

  it('of ethereum: each Chainlink proxy, heartbeat, threshold and scale is the published one', () => {
    const feeds: Record<string, never>[] = json('chainlink-feeds/feeds-mainnet.2026-03-18.json');
    for (const feed of load('ethereum', OPERATOR).feeds) {
      for (const source of feed.sources) {
        if (source.kind !== 'chainlink') continue;
        const published = feeds.find(({ proxyAddress }) => proxyAddress === source.proxy);
        expect(published).toMatchObject({
          name: `${feed.base} / ${feed.quote}`,
          heartbeat: source.heartbeatSeconds,
          threshold: source.deviationBps / 100,
          multiply: `${10 ** source.decimals}`,
        });
      }
    }
  });
});
