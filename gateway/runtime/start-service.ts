import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { LocalAccount } from 'viem';
import { readChainKey } from '../../chains/publisher/chain-key.ts';
import type { Database } from '../../db/connection.ts';
import type { HourlyBar } from '../../models/forecast.ts';
import type { LoadModelsOptions } from '../../models/serving/load-models.ts';
import type { Clock } from '../../risk/units/time.ts';
import { createApp } from '../app/app.ts';
import { jobRuns } from '../app/job-runs.ts';
import type { HealthCheck, HealthPort } from '../app/ports.ts';
import { serve } from '../app/serve.ts';
import { attestationsPort } from '../attestations/port.ts';
import { signerRegistration } from '../attestations/registered.ts';
import { databaseReservations } from '../attestations/reservations.ts';
import { openSigner, type Signer } from '../attestations/signer.ts';
import { storedKeyRing } from '../auth/stored-key-ring.ts';
import type { GatewayConfig } from '../config/env.ts';
import type { NetworkConfig } from '../config/network.ts';
import { type Engine, startEngine } from '../engine/engine.ts';
import { openStorage } from '../engine/open-storage.ts';
import { operationsPort } from '../engine/operations.ts';
import { storedPrices } from '../engine/prices-port.ts';
import { publishEvents } from '../engine/publish-events.ts';
import { startForecasting } from '../engine/start-forecasting.ts';
import { startJobs } from '../engine/start-jobs.ts';
import { watchStatuses } from '../engine/watch-statuses.ts';
import { databaseConfigurations } from '../governance/configurations.ts';
import { withFreezes, withFrozenTrades } from '../governance/with-freezes.ts';
import { openRateLimiter } from '../limits/open-rate-limiter.ts';
import { withAuthority } from '../publishing/with-authority.ts';
import type { Cleanup } from './cleanup.ts';
import { tenancyJobs, tenancyPorts } from './start-tenancy.ts';
import { workerApp } from './worker-server.ts';

export interface ServiceOptions {
  readonly config: GatewayConfig;
  readonly network: NetworkConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
  /** What this process does: answer HTTP, run jobs, or both. */
  readonly roles: { readonly http: boolean; readonly jobs: boolean };
  readonly history: ReadonlyMap<string, readonly HourlyBar[]>;
  /** Market seconds per wall second: 1 in live mode. */
  readonly speed: number;
  /** Market time for which a price or a margin may be acted on. */
  readonly validForMs: number;
  readonly hermesApiKey: string | null;
  /** Signs attestations in place of the key that the configuration names; `kmsSigner` for one. */
  readonly attester?: Signer;
  /** The gateway's key on the hub; default: that of CHAIN_KEY or CHAIN_KEY_FILE. */
  readonly chainAccount?: LocalAccount;
  /** Which models forecast; default: the artifact that ships, on real markets. */
  readonly models?: LoadModelsOptions;
  /** Durability of the embedded store against power loss. Default true. */
  readonly sync?: boolean;
}

export interface Service {
  readonly engine: Engine;
  readonly database: Database;
  /** Base URL of the HTTP server; null without that role. */
  readonly url: string | null;
  /** Where a process without that role tells its metrics. */
  readonly metricsUrl: string | null;
}

/**
 * Starts one process of the service over real parts: storage, engine, and by role the workers and the HTTP
 * server. Stopping goes through the cleanup: first HTTP drains, then the workers, the sources, the storage.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, network, clock, logger, cleanup, roles, history, speed, validForMs } = options;
  const { databaseUrl, redisUrl, dataDir } = config;
  const attester = options.attester ?? openSigner(config.attester ?? { key: null, keyFile: null });
  const storage = await openStorage({
    databaseUrl,
    redisUrl,
    dataDir,
    logger,
    cleanup,
    ...(options.sync === undefined ? {} : { sync: options.sync }),
  });
  const configurations = databaseConfigurations({ database: storage.database, logger });
  cleanup.add('accepted parameters', () => configurations.close());
  await configurations.reload();
  const engine = startEngine({
    pinned: (protocol, atMs) => configurations.inForce(protocol, atMs)?.model ?? null,
    pinnedThen: async (protocol, atMs) => (await configurations.inForceThen(protocol, atMs))?.model ?? null,
    network,
    remembered: await storedPrices(storage.database, network.feeds),
    database: storage.database,
    clock,
    logger,
    cleanup,
    history,
    validForMs,
    hermesApiKey: options.hermesApiKey,
    pollIntervalMs: config.pollIntervalMs,
  });
  // What venues said before a restart is there before the first answer.
  await engine.venueData.reload();
  await engine.loadConsents();
  const tenancy = {
    database: storage.database,
    engine,
    network,
    configurations,
    logger,
    allowPrivateWebhooks: config.webhookAllowPrivate,
    chainAccount: options.chainAccount ?? readChainKey(config.chainKey),
  };
  const runs = jobRuns();
  const operations = operationsPort({
    database: storage.database,
    openQueues: storage.openQueues,
    ingest: engine.ingest,
    logger,
    ...(roles.jobs ? { runs } : {}),
  });
  if (roles.jobs) {
    const forecasts = startForecasting({
      database: storage.database,
      network,
      clock,
      candles: engine.candles,
      configuration: engine.configuration,
      models: {
        ...options.models,
        ...(config.modelCandidateDir === null ? {} : { candidateDir: config.modelCandidateDir }),
      },
      logger,
      cleanup,
    });
    const backend = await storage.openQueues();
    const workers = await startJobs({
      observe: runs.observe,
      sweepShards: config.sweepShards,
      engine,
      forecasts,
      database: storage.database,
      backend,
      tenancy: tenancyJobs({ ...tenancy, backend }),
      logger,
      cadence: {
        priceSnapshotMs: config.snapshotIntervalMs,
        forecastRefreshMs: config.forecastIntervalMs,
        factorReturnsMs: config.forecastIntervalMs,
        marginSweepPlanMs: config.sweepIntervalMs,
      },
      snapshotIntervalMs: Math.round(config.snapshotIntervalMs * speed),
      sweepIntervalMs: Math.round(config.sweepIntervalMs * speed),
    });
    cleanup.add('workers', () => workers.stop());
  }
  const { database } = storage;
  if (!roles.http) {
    const app = workerApp({
      operations,
      runs,
      health: engine.ports.health,
      clock,
      keyHash: config.metricsKeyHash,
    });
    const server = await serve(app, { host: config.metricsHost, port: config.metricsPort });
    cleanup.add('metrics', () => server.close());
    return { engine, database, url: null, metricsUrl: server.url };
  }
  const { prices, forecasts } = engine.ports;
  const events = publishEvents({ database, clock, prices, forecasts, logger });
  cleanup.add('event stream', () => events.close());
  const { book, margin } = engine;
  const tell = events.marginChanged;
  const { netting } = engine;
  const watched = watchStatuses({
    ...{ database, book, margin, clock, chains: network.chains, tell, logger, netting },
    ...{ held: engine.held, books: engine.everyBook },
  });
  cleanup.add('watched margin statuses', () => watched.close());
  const shutdown = new AbortController();
  const stopping: HealthCheck[] = [];
  const keyRing = storedKeyRing({
    database,
    configured: config.apiKeys,
    requireKeys: config.requireKeys,
    logger,
  });
  cleanup.add('API keys', () => keyRing.close());
  await keyRing.reload();
  const rateLimiter = openRateLimiter({ config, quota: keyRing.quota, logger, cleanup });
  const attestations = attestationsPort(network.chains, attester);
  const registration = signerRegistration({ chains: network.chains, port: attestations, logger });
  const app = createApp({
    ports: {
      ...engine.ports,
      health: untilStopping(
        withAuthority(engine.ports.health, {
          network,
          publisher: tenancy.chainAccount?.address ?? null,
          attestations: { ...attestations, registration },
          logger,
        }),
        stopping,
      ),
      analysis: withFreezes(engine.ports.analysis, configurations),
      margin: withFrozenTrades(engine.ports.margin, configurations),
      tenancy: tenancyPorts(tenancy),
      events: events.hub,
      operations,
      attestations: { ...attestations, registration, reservations: databaseReservations(database) },
    },
    logger,
    apiKeys: config.apiKeys,
    keyRing,
    metricsKeyHash: config.metricsKeyHash,
    adminKeyHash: config.adminKeyHash,
    rateLimiter,
    shutdown: shutdown.signal,
    maxBodyBytes: config.maxBodyBytes,
  });
  const server = await serve(app, { host: config.host, port: config.port });
  cleanup.add('HTTP server', async () => {
    // Whoever balances must see it first: until then requests still come, and are answered.
    stopping.push({ name: 'stopping', ok: false, detail: 'this process is about to end' });
    server.retire();
    await delay(config.drainDelayMs);
    // Open streams end at once; they would hold up the drain.
    shutdown.abort();
    return server.close();
  });
  return { engine, database, url: server.url, metricsUrl: null };
}

/** Not ready from the moment that the process is told to end. */
function untilStopping(health: HealthPort, stopping: readonly HealthCheck[]): HealthPort {
  return { ready: async () => [...(await health.ready()), ...stopping] };
}
