import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDevnet } from '../../chains/devnet/start-devnet.ts';
import type { Devnet } from '../../chains/devnet/types.ts';
import { startLayerZeroWorkers } from '../../chains/layerzero/workers.ts';
import { type HermesServer, startHermesServer } from '../../gateway/demo/hermes/server.ts';
import { createDevelopmentSigner } from '../../gateway/demo/hermes/signer.ts';
import { MarketSimulator } from '../../gateway/demo/market/simulator.ts';
import { MS_PER_HOUR } from '../../risk/units/time.ts';

/** Where each asset starts, and where its pools stay, in US dollars; its price stays within `SWING` of it. */
export const BASE_PRICES: Readonly<Record<string, number>> = { BTC: 60_000, ETH: 3_000, SOL: 150, USDC: 1 };
export const SWING = 0.006;
const EXPO = -8;
const HISTORY_MONTHS = 14;
const STEP_CHECK_MS = 200;

/** The market of a cluster at wall time: anvil nodes, a Hermes-wire server and what moves them. */
export interface Market {
  readonly devnet: Devnet;
  readonly hermes: HermesServer;
  /** The price that every source but the pools was told at a second of wall time. */
  priceAt(asset: string, unixSeconds: number): number;
  /** Hermes says nothing new until resumed. */
  pauseHermes(): void;
  resumeHermes(): void;
  stop(): Promise<void>;
}

/**
 * Two local chains with LayerZero and Breakwater's contracts, a Hermes-wire server, and each second a block on every
 * chain and a signed update. Nodes that are down are left out until they are back.
 */
export async function startMarket(options: {
  readonly seed: number;
  readonly logger?: { warn(fields: object, message: string): void };
}): Promise<Market> {
  const { seed, logger } = options;
  const startTimeSeconds = Math.floor(Date.now() / 1000) - 2;
  const priceAt = (asset: string, second: number) => {
    const base = BASE_PRICES[asset]!;
    if (asset === 'USDC') return base;
    const phase = seed + asset.charCodeAt(0);
    return base * (1 + SWING * (0.7 * Math.sin(second / 41 + phase) + 0.3 * Math.sin(second / 7 + phase)));
  };
  const assets = Object.keys(BASE_PRICES);
  const devnet = await startDevnet({
    startTimeSeconds,
    prices: BASE_PRICES,
    layerZero: { timeLockSeconds: 2 },
  });
  const signer = createDevelopmentSigner({ seed: `cluster ${seed}` });
  const hermes = await startHermesServer({ port: 0, host: '127.0.0.1', signer }).catch(async (error) => {
    await devnet.stop();
    throw error;
  });
  const messages = startLayerZeroWorkers({ chains: devnet.chains, pollMs: 500 });
  const ids = devnet.chains[0]!.pyth.priceIds;
  let last = startTimeSeconds;
  let paused = false;
  const inHand = new Map<string, Promise<unknown>>();

  const publish = (second: number) => {
    if (paused) return;
    hermes.publish(
      assets.map((asset) => {
        const price = BigInt(Math.round(priceAt(asset, second) * 10 ** -EXPO));
        const conf = price / 10_000n;
        return {
          priceId: ids[asset]!,
          ...{ price, conf, expo: EXPO, emaPrice: price, emaConf: conf },
          publishTimeSeconds: second,
          prevPublishTimeSeconds: second - 1,
        };
      }),
    );
  };
  const tick = () => {
    const second = Math.floor(Date.now() / 1000);
    if (second <= last) return;
    last = second;
    publish(second);
    const moved = assets.map((asset) => ({ asset, price: priceAt(asset, second) }));
    const pyth = moved.map(({ asset, price }) => ({
      ...{ asset, price, confidence: price / 10_000 },
      publishTimeSeconds: second,
    }));
    for (const chain of devnet.chains) {
      const { id } = chain.definition;
      // One that is slow or down misses seconds; it does not hold up the others.
      if (chain.pid === null || inHand.has(id)) continue;
      const step = chain
        .step({ timestampSeconds: second, pyth, chainlink: moved })
        .catch((error) => logger?.warn({ chain: id, error: String(error) }, 'no block'))
        .finally(() => inHand.delete(id));
      inHand.set(id, step);
    }
  };
  publish(startTimeSeconds);
  const timer = setInterval(tick, STEP_CHECK_MS);
  return {
    devnet,
    hermes,
    priceAt,
    pauseHermes() {
      paused = true;
    },
    resumeHermes() {
      paused = false;
    },
    async stop() {
      clearInterval(timer);
      await messages.stop();
      await hermes.stop();
      await devnet.stop();
      await Promise.all(inHand.values());
    },
  };
}

/** Hourly candles of a simulated market up to now, one file per asset. @returns file names by asset */
export function writeHistory(directory: string, seed: number): Record<string, string> {
  const startMs = Math.floor(Date.now() / MS_PER_HOUR) * MS_PER_HOUR;
  const simulator = new MarketSimulator({ seed, months: HISTORY_MONTHS, startMs });
  const files: Record<string, string> = {};
  for (const [asset, bars] of simulator.history()) {
    files[asset] = `${asset}.csv`;
    const rows = bars.map(({ tsMs, open, high, low, close, volume }) =>
      [tsMs, open, high, low, close, volume].join(','),
    );
    writeFileSync(join(directory, files[asset]), ['ts,open,high,low,close,volume', ...rows, ''].join('\n'));
  }
  return files;
}
