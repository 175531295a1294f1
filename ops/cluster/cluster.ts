import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { approverAccounts } from '../../chains/devnet/keys.ts';
import { openDatabase } from '../../db/connection.ts';
import { freePort } from '../../db/embedded/server.ts';
import { migrateDatabase } from '../../db/migrate.ts';
import { putPolicy } from '../../db/queries/governance.ts';
import { type ClusterProtocol, clusterConfiguration, makeProtocols } from './configuration.ts';
import { type Market, startMarket, writeHistory } from './market.ts';
import { createMember, type Member } from './member.ts';
import { type PostgresServer, startPostgres } from './postgres.ts';
import { type RedisServer, startRedis } from './redis.ts';

export interface ClusterOptions {
  readonly gateways: number;
  readonly workers: number;
  /** Named `p1`, `p2`, ..; each with a key of every scope, p1 with what is published on chain. */
  readonly protocols: number;
  readonly seed?: number;
  /** A TCP proxy between each gateway or worker and each service. Default false. */
  readonly proxied?: boolean;
  /** The clocks of gateways and workers can be set. Default false. */
  readonly shiftableClocks?: boolean;
  /** Where PostgreSQL keeps its data; default: below the cluster's directory. */
  readonly postgresDir?: string;
  /** Variables of every gateway and worker, over those of the cluster. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Gateways and workers that end unasked are started again after this, as the systemd units and compose do. */
  readonly restartAfterMs?: number;
  /** Keep the directory with all logs when the cluster ends. */
  readonly keepFiles?: boolean;
  readonly report?: (line: string) => void;
}

/** Breakwater as it is run in production, on free ports of the loopback interface: every part a process of its own. */
export interface Cluster {
  readonly directory: string;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly market: Market;
  readonly gateways: readonly Member[];
  readonly workers: readonly Member[];
  readonly protocols: readonly ClusterProtocol[];
  /** Key of GET /metrics. */
  readonly metricsKey: string;
  /** Ends every process and removes the directory, whatever state they are in. May be called twice. */
  stop(): Promise<void>;
}

/** Starts a cluster and waits until every gateway is ready. All ends with this process, however it ends. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { seed = 1, report = () => undefined, keepFiles = false } = options;
  const directory = mkdtempSync(join(tmpdir(), 'breakwater-cluster-'));
  const logs = join(directory, 'logs');
  mkdirSync(logs);
  const open: (() => Promise<unknown> | unknown)[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= (async () => {
      for (let close = open.pop(); close !== undefined; close = open.pop()) {
        try {
          await close();
        } catch (error) {
          report(`while stopping: ${String(error)}`);
        }
      }
      if (!keepFiles) rmSync(directory, { recursive: true, force: true });
    })();
    return stopping;
  };
  try {
    const market = await startMarket({ seed });
    open.push(() => market.stop());
    report('chains and Hermes are up');
    const postgres = await startPostgres(
      options.postgresDir ?? join(directory, 'postgres'),
      join(logs, 'postgres.log'),
    );
    open.push(() => postgres.program.kill());
    const redis = await startRedis(join(directory, 'redis'), join(logs, 'redis.log'));
    open.push(() => redis.program.kill());
    report('PostgreSQL and Redis are up');
    const protocols = makeProtocols(options.protocols);
    await preparePolicies(postgres.urlAt(postgres.port), protocols, market);
    const metricsKey = randomBytes(24).toString('hex');
    const configure = clusterConfiguration({
      ...{ market, postgres, redis, protocols, metricsKey },
      history: writeHistory(logs, seed),
      environment: options.environment ?? {},
    });
    const portOf = (chain: string) =>
      Number(
        new URL(
          market.devnet.chains.find(({ definition }) => definition.id === chain)!.definition.rpcUrls[0]!,
        ).port,
      );
    const ports = {
      postgres: postgres.port,
      redis: redis.port,
      hermes: Number(new URL(market.hermes.url).port),
      hub: portOf('hub'),
      l2: portOf('l2'),
    };
    const make = async (role: Member['role'], index: number) => {
      const member = await createMember({
        ...{ role, index, ports, configure, directory: logs, port: await freePort() },
        proxied: options.proxied ?? false,
        shiftableClock: options.shiftableClocks ?? false,
        restartAfterMs: options.restartAfterMs,
      });
      open.push(async () => {
        await member.program.kill();
        await Promise.all(Object.values(member.links ?? {}).map((link) => link.stop()));
      });
      member.start();
      return member;
    };
    const gateways: Member[] = [];
    const workers: Member[] = [];
    for (let index = 1; index <= options.gateways; index += 1) gateways.push(await make('gateway', index));
    for (let index = 1; index <= options.workers; index += 1) workers.push(await make('worker', index));
    await Promise.all([...gateways, ...workers].map((member) => member.ready()));
    report(`${gateways.length} gateways and ${workers.length} workers are ready`);
    return { directory, postgres, redis, market, gateways, workers, protocols, metricsKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Two of the three approvers decide, without waiting. */
async function preparePolicies(
  url: string,
  protocols: readonly ClusterProtocol[],
  market: Market,
): Promise<void> {
  await migrateDatabase(url);
  const database = openDatabase({ url });
  const hub = market.devnet.chains[0]!;
  try {
    for (const { id } of protocols) {
      await putPolicy(
        database,
        id,
        {
          signers: approverAccounts().map(({ address }) => address.toLowerCase()),
          ...{ threshold: 2, timeLockSeconds: 1, noticeSeconds: 0, approvalSeconds: 86_400 },
          chainId: hub.definition.chainId,
          verifyingContract: hub.risk!.hub!,
          bounds: {},
        },
        'cluster',
      );
    }
  } finally {
    await database.close();
  }
}
