import { DEPTH_QUOTE } from '../../chains/devnet/deploy/uniswap.ts';
import type { ChainDefinition } from '../../chains/registry/chain.ts';
import type { SignerSet } from '../../oracles/config/feeds.ts';
import { type AnyRiskModule, findModule, listModules } from '../../risk/modules/registry.ts';
import { LOCAL_PROTOCOL } from '../auth/keys.ts';
import type { NetworkFile } from '../config/network.ts';
import { laneParameters } from './market/lane-parameters.ts';
import { ASSETS, type Asset, RISKY_ASSETS } from './market/source.ts';

/** A running local chain, as far as its configuration goes; `DevnetChain` fits. */
export interface NetworkChain {
  readonly definition: ChainDefinition;
  readonly chainlink: Readonly<
    Record<
      string,
      { readonly proxy: `0x${string}`; decimals: number; heartbeatSeconds: number; deviationBps: number }
    >
  >;
  readonly pyth: {
    readonly contract: `0x${string}`;
    readonly priceIds: Readonly<Record<string, `0x${string}`>>;
  };
  readonly pools: Readonly<
    Record<
      string,
      { readonly pool: `0x${string}`; baseToken: `0x${string}`; baseDecimals: number; quoteDecimals: number }
    >
  >;
  readonly sequencerAggregator: `0x${string}` | null;
}

export interface DemoNetworkInput {
  readonly chains: readonly NetworkChain[];
  readonly hermes: { readonly url: string; readonly signerSet: SignerSet };
  /** Prices that the market starts with, in USD by asset. */
  readonly firstPrices: Readonly<Record<string, number>>;
  /** Market time that one step of the driver covers. */
  readonly stepSeconds: number;
}

/** Own plausibility bounds: a market may move by this factor from where the demo starts. */
const PRICE_FACTOR = 50;
const USDC_BOUNDS = { minPrice: '0.5', maxPrice: '1.5' };
/** Averages over 10 minutes: 20 steps at the default speed. */
const TWAP_WINDOW_SECONDS = 600;

/** Share of what a pool starts with that its price needs behind it; nobody but the demo provides liquidity. */
const LEAST_LIQUIDITY = 0.1;

/** Margins the accounts of the demo unless a request names another. */
const OWN_MODULE = { id: 'standard', version: '1.0.0' };

type Feed = NetworkFile['feeds'][number];
type Source = Feed['sources'][number];

/** For whom answers of the demo are signed: an address where nothing is, so that they can be asked for and spent by nobody. */
export const DEMO_CONSUMER = '0x00000000000000000000000000000000000000c0';

/** ETH is lent as well, so that there is a lending market to look at. */
const LENDING = { liquidationBonus: '0.05', supplyCap: '10000', borrowCap: '4000' };

/** The network configuration of a running demo: four feeds, each from every source that reports on it. */
export function demoNetwork(input: DemoNetworkInput): NetworkFile {
  const slack = slackSeconds(input.stepSeconds);
  // A rate of USDC that its own feed still accepts will do for the pools' prices too: Chainlink renews it once a day.
  const usdcAges = input.chains.flatMap((chain) => chainSources('USDC', chain, slack, 0, 1));
  const legSkew = Math.max(slack, ...usdcAges.map(({ maxAgeSeconds }) => maxAgeSeconds));
  return {
    name: 'demo',
    // A block comes with each step; a head older than a few steps means that the node stands still.
    chains: input.chains.map(({ definition }) => ({
      ...definition,
      rpcUrls: [...definition.rpcUrls],
      risk: definition.risk && { ...definition.risk, protocols: { [LOCAL_PROTOCOL]: [DEMO_CONSUMER] } },
      blockTimeSeconds: Math.max(1, input.stepSeconds),
      maxHeadAgeSeconds: Math.max(definition.maxHeadAgeSeconds, slack),
    })),
    hermes: { url: input.hermes.url, apiKeyEnv: null, signerSets: [input.hermes.signerSet] },
    feeds: ASSETS.map((asset) => feed(asset, input, slack, legSkew)),
    markets: [
      ...RISKY_ASSETS.map((asset) => ({
        id: `${asset}-PERP`,
        kind: 'perp' as const,
        asset,
        feedId: `${asset}-USD`,
      })),
      ...ASSETS.map((asset) => ({
        id: `${asset}-USD`,
        kind: 'collateral' as const,
        asset,
        feedId: `${asset}-USD`,
        ...(asset === 'ETH' ? { lending: LENDING } : {}),
      })),
    ],
    publishing: publishing(input.chains),
    options: RISKY_ASSETS.map((asset) => ({
      id: `${asset}-OPTIONS`,
      asset,
      feedId: `${asset}-USD`,
    })),
    module: { ...OWN_MODULE, parameters: venueAge(findModule(OWN_MODULE.id, OWN_MODULE.version)) },
    otherModules: listModules()
      .filter(({ id, version }) => id !== OWN_MODULE.id || version !== OWN_MODULE.version)
      .map((module) => ({ id: module.id, version: module.version, parameters: venueAge(module) })),
  };
}

/** Margin rates of the perpetuals, which the forecast buffer moves alone; null where no hub is deployed. */
function publishing(chains: readonly NetworkChain[]): NetworkFile['publishing'] {
  const hub = chains.find(({ definition }) => definition.risk?.hub != null);
  if (hub === undefined) return null;
  return {
    hub: hub.definition.id,
    lines: RISKY_ASSETS.flatMap((asset) =>
      (['initialMarginRate', 'maintenanceMarginRate'] as const).map((updateType) => ({
        ...{ protocol: LOCAL_PROTOCOL, market: `${asset}-PERP`, updateType, autonomous: true },
      })),
    ),
    // Hours of the market pass in minutes here.
    lowerAfterSeconds: 60,
    vetoSeconds: 10,
    lookSeconds: 1,
    stuckAfterSeconds: 30,
  };
}

/** A day where a module limits the age of venue data: at the speed of the demo what they say themselves has to do. */
function venueAge({ defaultParameters }: AnyRiskModule): Record<string, unknown> {
  const { options = null, ...own } = defaultParameters as Record<string, unknown>;
  const age = { maxDataAgeSeconds: 86_400 };
  if ('maxDataAgeSeconds' in own) return age;
  const nested = typeof options === 'object' && options !== null && 'maxDataAgeSeconds' in options;
  return nested ? { options: age } : {};
}

/**
 * Six steps, and a minute at least. Two pass between publications while the driver catches up; the rest is for reading
 * them, which takes wall time and so costs more market time the faster the market runs.
 */
function slackSeconds(stepSeconds: number): number {
  return Math.max(60, Math.ceil(6 * stepSeconds));
}

/** Oldest block that a read may come from; 5 minutes, or the slack when that is longer. */
function readAge(slack: number): number {
  return Math.max(300, slack);
}

function feed(asset: Asset, input: DemoNetworkInput, slack: number, legSkew: number): Feed {
  const price = input.firstPrices[asset]!;
  const bounds =
    asset === 'USDC'
      ? USDC_BOUNDS
      : { minPrice: decimal(price / PRICE_FACTOR), maxPrice: decimal(price * PRICE_FACTOR) };
  const priceId = input.chains.map(({ pyth }) => pyth.priceIds[asset]).find((id) => id !== undefined);
  const hermes: Source[] =
    priceId === undefined
      ? []
      : [{ kind: 'pyth-hermes', id: 'pyth-hermes', group: 'pyth', priceId, maxAgeSeconds: slack }];
  return {
    id: `${asset}-USD`,
    base: asset,
    quote: 'USD',
    ...bounds,
    ...judgedAs(asset),
    referencePrice: decimal(price),
    sources: [
      ...hermes,
      ...input.chains.flatMap((chain) => chainSources(asset, chain, slack, legSkew, price)),
    ],
  };
}

/**
 * What a feed is judged as. USDC is priced by two groups only, for a pool against itself says nothing; where both show a
 * move it happened, and liquidation must go on.
 */
function judgedAs(asset: Asset): Pick<Feed, 'class' | 'fullGroups' | 'deepGroups'> {
  return asset === 'USDC' ? { class: 'stable', fullGroups: 2, deepGroups: 0 } : { class: 'major' };
}

/** Pyth's sources share their publishers, Chainlink's feeds of one asset their nodes; each pool stands for itself. */
function chainSources(
  asset: Asset,
  chain: NetworkChain,
  slack: number,
  legSkew: number,
  firstPrice: number,
): Source[] {
  const { id } = chain.definition;
  const sources: Source[] = [];
  const priceId = chain.pyth.priceIds[asset];
  if (priceId !== undefined) {
    const maxAgeSeconds = laneParameters(chain).pythPace.heartbeatSeconds + slack;
    const { contract } = chain.pyth;
    sources.push({
      kind: 'pyth-onchain',
      id: `pyth-onchain:${id}`,
      group: 'pyth',
      chain: id,
      contract,
      priceId,
      maxAgeSeconds,
      maxReadAgeSeconds: readAge(slack),
    });
  }
  const chainlink = chain.chainlink[asset];
  if (chainlink !== undefined) {
    const { proxy, decimals, heartbeatSeconds, deviationBps } = chainlink;
    // Nodes need a few blocks after the heartbeat is due.
    const maxAgeSeconds = heartbeatSeconds + slack + 300;
    sources.push({
      kind: 'chainlink',
      id: `chainlink:${id}`,
      group: 'chainlink',
      chain: id,
      proxy,
      decimals,
      heartbeatSeconds,
      deviationBps,
      maxAgeSeconds,
      maxReadAgeSeconds: readAge(slack),
    });
  }
  const pool = chain.pools[asset];
  if (pool !== undefined) {
    sources.push({
      kind: 'uniswap-v3-twap',
      id: `uniswap-v3-twap:${id}`,
      group: `pool:${id}:${asset}`,
      chain: id,
      pool: pool.pool,
      baseToken: pool.baseToken,
      baseDecimals: pool.baseDecimals,
      quoteDecimals: pool.quoteDecimals,
      windowSeconds: TWAP_WINDOW_SECONDS,
      minHarmonicLiquidity: leastLiquidity(pool, firstPrice),
      quoteAsset: 'USDC',
      quoteFeed: 'USDC-USD',
      maxLegSkewSeconds: legSkew,
      maxReadAgeSeconds: readAge(slack),
      maxAgeSeconds: slack,
    });
  }
  return sources;
}

/** Of a position over the full range: the root of the product of both sides, in smallest units. */
function leastLiquidity(
  { baseDecimals, quoteDecimals }: NetworkChain['pools'][string],
  price: number,
): string {
  const liquidity = DEPTH_QUOTE * Math.sqrt(10 ** (baseDecimals + quoteDecimals) / price);
  return BigInt(Math.floor(LEAST_LIQUIDITY * liquidity)).toString();
}

function decimal(value: number): string {
  return value.toFixed(8).replace(/\.?0+$/, '');
}
