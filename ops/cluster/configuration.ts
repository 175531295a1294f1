import { randomBytes } from 'node:crypto';
import { devnetKey } from '../../chains/devnet/keys.ts';
import { hashKey } from '../../gateway/auth/keys.ts';
import { demoNetwork } from '../../gateway/demo/network.ts';
import { BASE_PRICES, type Market } from './market.ts';
import type { MemberOptions } from './member.ts';
import type { PostgresServer } from './postgres.ts';
import type { RedisServer } from './redis.ts';

/** A tenant of the cluster. */
export interface ClusterProtocol {
  readonly id: string;
  /** API key with every scope. */
  readonly key: string;
}

export function makeProtocols(count: number): ClusterProtocol[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `p${index + 1}`,
    key: `bw_${randomBytes(24).toString('hex')}`,
  }));
}

/** A closed price opens again after this long; shorter than in production, so that the ways back can be watched. */
const HOLD_SECONDS = 5;
/** Oldest price of any source and oldest head of a chain; all of them are new each second. */
export const MAX_AGE_SECONDS = 30;

const UPDATE_TYPES = ['initialMarginRate', 'maintenanceMarginRate'] as const;

/** Network file and environment of a gateway or worker, by the ports by which it reaches the services. */
export function clusterConfiguration(parts: {
  readonly market: Market;
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  readonly protocols: readonly ClusterProtocol[];
  readonly metricsKey: string;
  /** Candle files beside the network file. */
  readonly history: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}): MemberOptions['configure'] {
  const { market, postgres, redis, protocols, history } = parts;
  const network = demoNetwork({
    chains: market.devnet.chains,
    hermes: market.hermes,
    firstPrices: BASE_PRICES,
    stepSeconds: 1,
  });
  const lines = Object.keys(BASE_PRICES)
    .filter((asset) => asset !== 'USDC')
    .flatMap((asset) =>
      UPDATE_TYPES.map((updateType) => ({
        ...{ protocol: protocols[0]?.id ?? 'p1', market: `${asset}-PERP`, updateType },
      })),
    );
  return (ports) => ({
    network: {
      ...network,
      name: 'cluster',
      history,
      chains: network.chains.map((chain) => ({
        ...chain,
        maxHeadAgeSeconds: MAX_AGE_SECONDS,
        rpcUrls: [`http://127.0.0.1:${chain.id === 'hub' ? ports.hub : ports.l2}`],
      })),
      feeds: network.feeds.map((feed) => ({
        ...feed,
        hold: { seconds: HOLD_SECONDS },
        sources: feed.sources.map((source) => ({
          ...source,
          maxAgeSeconds: MAX_AGE_SECONDS,
          ...('maxReadAgeSeconds' in source ? { maxReadAgeSeconds: MAX_AGE_SECONDS } : {}),
        })),
      })),
      hermes: { ...network.hermes, url: `http://127.0.0.1:${ports.hermes}` },
      publishing: { ...network.publishing, lines },
    },
    environment: {
      DATABASE_URL: postgres.urlAt(ports.postgres),
      REDIS_URL: redis.urlAt(ports.redis),
      API_KEYS: protocols.map(({ id, key }) => `${id}:${hashKey(key)}:read+write+govern+admin`).join(','),
      METRICS_KEY_SHA256: hashKey(parts.metricsKey),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      CHAIN_KEY: devnetKey('gateway'),
      ATTESTER_KEY: devnetKey('attester'),
      ...parts.environment,
    },
  });
}
