import type { Database } from '../../../db/connection.ts';
import { createKey } from '../../../db/queries/api-keys.ts';
import { listAudit } from '../../../db/queries/audit.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import type { GatewayPorts } from '../../../gateway/app/ports.ts';
import { databaseKeys } from '../../../gateway/auth/database-keys.ts';
import type { Scope } from '../../../gateway/auth/scopes.ts';
import { newApiKey } from '../../../gateway/auth/secret.ts';
import { type StoredKeyRing, storedKeyRing } from '../../../gateway/auth/stored-key-ring.ts';
import { databaseAccounts } from '../../../gateway/engine/accounts.ts';
import { type Configurations, databaseConfigurations } from '../../../gateway/governance/configurations.ts';
import { databaseGovernance } from '../../../gateway/governance/governance.ts';
import type { MarginUnder } from '../../../gateway/governance/impact.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { withFreezes } from '../../../gateway/governance/with-freezes.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { databaseWebhooks } from '../../../gateway/webhooks/webhooks.ts';
import { createWorld, type World, type WorldOptions } from './gateway.ts';
import { MARKETS } from './market.ts';

export const DEPLOYMENT = { ...pinnedModel('standard', '1.0.0', {}), given: {} };

/** The application with keys, governance, audit log and webhooks over a real database. */
export interface TenancyWorld {
  readonly world: World;
  readonly ring: StoredKeyRing;
  readonly configurations: Configurations;
  readonly margin: MarginUnder;
  close(): Promise<void>;
}

export async function tenancyWorld(
  database: Database,
  options: Omit<WorldOptions, 'override' | 'keyRing'> & {
    readonly allowPrivate?: boolean;
    /** Prices of past moments are those of now. */
    readonly pastPrices?: boolean;
  } = {},
): Promise<TenancyWorld> {
  const logger = createLogger('silent');
  const ring = storedKeyRing({ database, configured: options.apiKeys ?? [], requireKeys: false, logger });
  const configurations = databaseConfigurations({ database, logger });
  await Promise.all([ring.reload(), configurations.reload()]);
  let live: World | null = null;
  /** The prices of the world, without forecasts: the buffer is at its cap. */
  const margin: MarginUnder = (_protocol, portfolio, model) => {
    const { prices, nowMs } = live!;
    const usable = [...prices].flatMap(([id, { market }]) =>
      market === null ? [] : [[id, market] as const],
    );
    const snapshot = { asOfMs: nowMs, prices: new Map(usable), volatility: new Map() };
    return model.module.calculate(portfolio, MARKETS, snapshot, model.parameters);
  };
  const override = (ports: GatewayPorts): GatewayPorts => ({
    ...ports,
    ...(options.pastPrices
      ? { prices: { ...ports.prices, at: async (id, _atMs) => ports.prices.get(id) } }
      : {}),
    analysis: withFreezes(ports.analysis, configurations),
    events: new EventHub({ window: 100, nowMs: Date.now }),
    tenancy: {
      keys: databaseKeys(database),
      audit: { list: (protocol, page) => listAudit(database.orm, protocol, page) },
      governance: databaseGovernance({
        database,
        configurations,
        deployment: DEPLOYMENT,
        markets: MARKETS,
        clock: ports.clock,
        margin,
        price: (feedId) => ports.prices.get(feedId).market?.priceWad ?? null,
      }),
      webhooks: databaseWebhooks(database, options.allowPrivate ?? false),
    },
  });
  const world = createWorld({
    ...options,
    keyRing: ring,
    override,
    books: (clock) => databaseAccounts(database, clock),
  });
  live = world;
  return {
    world,
    ring,
    configurations,
    margin,
    close: async () => {
      await ring.close();
      await configurations.close();
    },
  };
}

/** A key in the table; give it to the ring with `reload`. */
export async function issueKey(
  database: Database,
  protocol: string,
  scopes: readonly Scope[],
  expiresAtMs: number | null = null,
): Promise<{ readonly id: string; readonly secret: string; readonly headers: Record<string, string> }> {
  const { id, secret, hash } = newApiKey();
  await createKey(database, { id, hash, protocol, name: 'test', scopes, expiresAtMs }, 'test');
  return { id, secret, headers: { Authorization: `Bearer ${secret}` } };
}
