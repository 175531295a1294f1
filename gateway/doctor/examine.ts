import type { Clock } from '../../risk/units/time.ts';
import type { GatewayConfig } from '../config/env.ts';
import type { NetworkConfig } from '../config/network.ts';
import { Cleanup } from '../runtime/cleanup.ts';
import { checkChainKeys } from './chain-keys.ts';
import { checkClock } from './clock.ts';
import { checkDatabase, openForCheck } from './database.ts';
import { checkFeeds } from './feeds.ts';
import type { Finding } from './finding.ts';
import { checkKeys } from './keys.ts';
import { checkModels } from './model.ts';
import { checkQueues, openQueuesForCheck } from './queue.ts';
import { checkRpcs } from './rpc.ts';

export interface ExamineOptions {
  /** Null where it could not be read: what needs it is left out. */
  readonly config: GatewayConfig | null;
  readonly network: NetworkConfig | null;
  /** Market time. */
  readonly clock: Clock;
  readonly hermesApiKey: string | null;
  /** Wall time that the sources get for their first quote. */
  readonly patienceMs: number;
  /** In place of those that the configuration names. */
  readonly keys?: Parameters<typeof checkChainKeys>[2];
}

/** Looks at everything behind a deployment and changes nothing. What cannot be reached becomes a finding. */
export async function examine(options: ExamineOptions): Promise<readonly Finding[]> {
  const { config, network } = options;
  const [storage, outside, models] = await Promise.all([
    config === null ? [] : examineStorage(config),
    network === null ? [] : examineNetwork(network, options),
    checkModels(options.clock.nowMs(), config?.modelCandidateDir ?? null),
  ]);
  return [...storage, ...outside, ...models];
}

async function examineStorage(config: GatewayConfig): Promise<readonly Finding[]> {
  const cleanup = new Cleanup();
  try {
    const { database, findings: opening } = await openForCheck(config, cleanup);
    const dataDir = config.databaseUrl === null ? config.dataDir : null;
    const found = database === null ? [] : await checkDatabase(database, dataDir);
    const usable = found.some(({ verdict }) => verdict === 'ok') ? database : null;
    const { backend, findings: queues } = await openQueuesForCheck(config.redisUrl, usable, cleanup);
    const jobs = backend === null ? [] : await checkQueues(backend, Date.now());
    return [...opening, ...found, ...queues, ...jobs, ...(await keysOf(config, usable))];
  } finally {
    await cleanup.run(() => undefined);
  }
}

/** Before the first migration there is no table of keys, and so no key. */
async function keysOf(config: GatewayConfig, database: Parameters<typeof checkKeys>[1]) {
  const found = await database?.pool.query(`select to_regclass('api_keys') is not null as present`);
  return checkKeys(config, found?.rows[0]?.present ? database : null, Date.now());
}

async function examineNetwork(network: NetworkConfig, options: ExamineOptions): Promise<readonly Finding[]> {
  const { clock, config, hermesApiKey, patienceMs } = options;
  const rpcs = await checkRpcs(network.chains, clock);
  const servers = [
    ...(network.hermes === null ? [] : [{ name: 'Hermes', url: network.hermes.url }]),
    ...network.chains.map(({ id, rpcUrls }) => ({ name: `the RPC of ${id}`, url: rpcUrls[0]! })),
  ];
  const times = await checkClock({ clock, heads: rpcs.heads, servers });
  const pollIntervalMs = config?.pollIntervalMs ?? 1_000;
  const feeds = await checkFeeds({ network, clock, hermesApiKey, patienceMs, pollIntervalMs });
  const keys = config === null ? [] : await checkChainKeys(config, network, options.keys);
  return [...rpcs.findings, ...keys, ...times, ...feeds];
}
