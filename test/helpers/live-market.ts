import { createChainReader } from '../../chains/clients/chain-reader.ts';
import type { ChainReader } from '../../chains/clients/ports.ts';
import { startDevnet } from '../../chains/devnet/start-devnet.ts';
import type { DevnetChain } from '../../chains/devnet/types.ts';
import { networkSchema } from '../../gateway/config/network.ts';
import { MarketClock } from '../../gateway/demo/clock.ts';
import { type Driver, firstPrices, maxLeadMs, startDriver } from '../../gateway/demo/driver.ts';
import { type HermesServer, startHermesServer } from '../../gateway/demo/hermes/server.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { MarketSimulator } from '../../gateway/demo/market/simulator.ts';
import type { Asset, MarketSource } from '../../gateway/demo/market/source.ts';
import { demoNetwork } from '../../gateway/demo/network.ts';
import { SIMULATOR_START_MS } from '../../gateway/demo/options.ts';
import { PriceBook } from '../../oracles/book/price-book.ts';
import type { FeedConfig } from '../../oracles/config/feeds.ts';
import { type Ingest, startIngest } from '../../oracles/ingest.ts';
import type { HermesTiming } from '../../oracles/sources/hermes/connection.ts';
import { type RpcRelay, startRpcRelay } from './rpc-relay.ts';

export interface LiveMarketOptions {
  /** Market seconds per wall second. */
  readonly speed: number;
  readonly stepWallMs: number;
  readonly hermesTiming: Partial<HermesTiming>;
  readonly retryAfterSeconds: number;
  /** Least harmonic liquidity of every pool on the hub, as a share of what it starts with. */
  readonly minLiquidityShare: number;
}

/** The demo without gateway and store: market, local chains, Hermes, driver, ingest, book. */
export interface LiveMarket {
  readonly clock: MarketClock;
  readonly source: MarketSource;
  readonly driver: Driver;
  readonly hermes: HermesServer;
  readonly hub: DevnetChain;
  readonly l2: DevnetChain;
  readonly book: PriceBook;
  readonly ingest: Ingest;
  readonly feeds: readonly FeedConfig[];
  readonly hubReader: ChainReader;
  /** The hub's endpoints, the preferred one first; both lead to its only node. */
  readonly relays: readonly [RpcRelay, RpcRelay];
  stop(): Promise<void>;
}

/** @param liquidityOf what a pool of the hub starts with */
export async function startLiveMarket(
  options: LiveMarketOptions,
  liquidityOf: (hub: DevnetChain, asset: Asset) => Promise<bigint>,
): Promise<LiveMarket> {
  const { speed, stepWallMs } = options;
  const open: (() => Promise<unknown>)[] = [];
  const source = new MarketSimulator({ seed: 7, months: 14, startMs: SIMULATOR_START_MS });
  const prices = firstPrices(source);
  const stop = async () => {
    for (const close of open.reverse()) await close();
  };
  try {
    const devnet = await startDevnet({ startTimeSeconds: source.startMs / 1000, prices });
    open.push(() => devnet.stop());
    const [hub, l2] = devnet.chains as [DevnetChain, DevnetChain];
    const node = hub.definition.rpcUrls[0]!;
    const relays = [await startRpcRelay(node), await startRpcRelay(node)] as const;
    open.push(...relays.map((relay) => () => relay.stop()));
    const signer = createDevelopmentSigner({ seed: 'live market' });
    const { retryAfterSeconds } = options;
    const hermes = await startHermesServer({ port: 0, host: '127.0.0.1', signer, retryAfterSeconds });
    open.push(() => hermes.stop());
    const leadMs = maxLeadMs(speed, stepWallMs);
    const clock = new MarketClock({ startMs: source.startMs, speed, maxLeadMs: leadMs });
    const stepSeconds = (speed * stepWallMs) / 1000;
    const described = demoNetwork({ chains: devnet.chains, hermes, firstPrices: prices, stepSeconds });
    const liquidity = new Map<string, string>();
    for (const asset of Object.keys(hub.pools) as Asset[]) {
      const least = Number(await liquidityOf(hub, asset)) * options.minLiquidityShare;
      liquidity.set(hub.pools[asset]!.pool, BigInt(Math.floor(least)).toString());
    }
    const network = networkSchema.parse({
      ...described,
      chains: described.chains.map((chain) =>
        chain.id === 'hub' ? { ...chain, rpcUrls: relays.map(({ url }) => url) } : chain,
      ),
      feeds: described.feeds.map((feed) => ({
        ...feed,
        sources: feed.sources.map((each) => {
          const minHarmonicLiquidity = each.kind === 'uniswap-v3-twap' ? liquidity.get(each.pool) : undefined;
          return minHarmonicLiquidity === undefined ? each : { ...each, minHarmonicLiquidity };
        }),
      })),
    });
    const readers = new Map(
      network.chains.map((chain) => [
        chain.id,
        createChainReader(chain, { clock, backoffFirstMs: 100, backoffMaxMs: 1000, requestTimeoutMs: 1500 }),
      ]),
    );
    const book = new PriceBook(network.feeds);
    const quiet = () => {};
    const ingest = startIngest({
      feeds: network.feeds,
      hermes: network.hermes,
      readers,
      chains: network.chains,
      book,
      clock,
      logger: { debug: quiet, info: quiet, warn: quiet },
      pollIntervalMs: stepWallMs / 2,
      maxBackoffMs: 1000,
      hermesTiming: options.hermesTiming,
    });
    open.push(() => ingest.stop());
    const driver = startDriver({
      source,
      chains: devnet.chains,
      hermes,
      clock,
      seed: 7,
      stepWallMs,
      logger: { info: quiet, warn: quiet },
    });
    open.push(() => driver.stop());
    const { feeds } = network;
    const hubReader = readers.get('hub')!;
    return { clock, source, driver, hermes, hub, l2, book, ingest, feeds, hubReader, relays, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
