import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { attesterKey, gatewayAccount } from '../../chains/devnet/keys.ts';
import { startDevnet } from '../../chains/devnet/start-devnet.ts';
import type { Devnet } from '../../chains/devnet/types.ts';
import { startLayerZeroWorkers } from '../../chains/layerzero/workers.ts';
import { localSigner } from '../attestations/signer.ts';
import type { GatewayConfig } from '../config/env.ts';
import { networkSchema } from '../config/network.ts';
import type { Cleanup } from '../runtime/cleanup.ts';
import { type Service, startService } from '../runtime/start-service.ts';
import { MarketClock } from './clock.ts';
import { DEFAULT_STEP_WALL_MS, type Driver, firstPrices, maxLeadMs, startDriver } from './driver.ts';
import { type HermesServer, startHermesServer } from './hermes/server.ts';
import { createDevelopmentSigner } from './hermes/signer.ts';
import type { MarketSource } from './market/source.ts';
import { demoNetwork } from './network.ts';
import { openMarketSource } from './open-source.ts';
import type { DemoOptions } from './options.ts';
import { setDemoPolicy } from './policy.ts';
import { type DemoVenue, startVenue } from './venue.ts';

export interface Demo {
  readonly source: MarketSource;
  readonly devnet: Devnet;
  readonly hermes: HermesServer;
  readonly clock: MarketClock;
  readonly driver: Driver;
  readonly service: Service;
  readonly venue: DemoVenue;
  readonly url: string;
}

/** Wall time between the rounds of the DVNs and the executor. */
const MESSAGE_POLL_MS = 500;
/** Rounds of chain reads per step of the market, so that no block goes unseen for long. */
const POLLS_PER_STEP = 2;

/**
 * Starts the whole demo: market, two local chains, Hermes-wire server, store, engine, workers and gateway, all in
 * this process but for the nodes and the database server. What was started is on the cleanup.
 */
export async function startDemo(options: {
  readonly demo: DemoOptions;
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
}): Promise<Demo> {
  const { demo, config, logger, cleanup } = options;
  const { speed, seed } = demo;
  const source = await openMarketSource(demo);
  const prices = firstPrices(source);

  const dataDir = await mkdtemp(join(tmpdir(), 'breakwater-demo-'));
  cleanup.add('data directory', () => rm(dataDir, { recursive: true, force: true }));
  const devnet = await startDevnet({
    startTimeSeconds: source.startMs / 1000,
    prices,
    logger,
    layerZero: true,
  });
  cleanup.add('local chains', () => devnet.stop());
  const signer = createDevelopmentSigner({ seed: `demo ${seed}` });
  const hermes = await startHermesServer({ port: 0, host: '127.0.0.1', signer, logger });
  cleanup.add('Hermes-wire server', () => hermes.stop());

  const leadMs = maxLeadMs(speed, DEFAULT_STEP_WALL_MS);
  const clock = new MarketClock({ startMs: source.startMs, speed, maxLeadMs: leadMs });
  const stepSeconds = Math.max(1, (speed * DEFAULT_STEP_WALL_MS) / 1000);
  const network = networkSchema.parse(
    demoNetwork({
      chains: devnet.chains,
      hermes,
      firstPrices: prices,
      stepSeconds,
    }),
  );
  const { key = null, keyFile = null } = config.attester ?? {};
  const attesterGiven = key !== null || keyFile !== null;
  const service = await startService({
    config: {
      ...config,
      dataDir,
      port: demo.port ?? config.port,
      // A store and queues of its own, gone with the demo: its market is mixed into nobody's data.
      databaseUrl: null,
      redisUrl: null,
      pollIntervalMs: Math.round(DEFAULT_STEP_WALL_MS / POLLS_PER_STEP),
      forecastIntervalMs: Math.max(1000, Math.min(config.forecastIntervalMs, Math.round(600_000 / speed))),
    },
    network,
    clock,
    logger,
    cleanup,
    roles: { http: true, jobs: true },
    history: source.history(),
    // No network was trained on what the simulator makes; a replay is of real hours, which it may have been trained on.
    models: { simulated: source.kind === 'simulator' },
    speed,
    validForMs: Math.max(30_000, 2 * leadMs),
    hermesApiKey: null,
    chainAccount: gatewayAccount(),
    ...(attesterGiven ? {} : { attester: localSigner(attesterKey()) }),
    sync: false,
  });
  await setDemoPolicy(service.database, network);
  const driver = startDriver({ source, chains: devnet.chains, hermes, clock, seed, logger });
  cleanup.add('market driver', () => driver.stop());
  const messages = startLayerZeroWorkers({ chains: devnet.chains, pollMs: MESSAGE_POLL_MS, logger });
  cleanup.add('LayerZero workers', () => messages.stop());
  const venue = await startVenue({ url: service.url!, source, speed, logger });
  cleanup.add('options venue', () => venue.stop());
  return { source, devnet, hermes, clock, driver, service, venue, url: service.url! };
}
