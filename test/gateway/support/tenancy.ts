import { chainSchema } from '../../../chains/registry/chain.ts';
import type { Database } from '../../../db/connection.ts';
import { createKey } from '../../../db/queries/api-keys.ts';
import { listAudit } from '../../../db/queries/audit.ts';
import { auditTail } from '../../../db/queries/audit-tail.ts';
import { forecastsInForce } from '../../../db/queries/forecasts.ts';
import { issuedForecasts } from '../../../db/queries/issued-forecasts.ts';
import { listPricePoints } from '../../../db/queries/price-history.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import type { GatewayPorts } from '../../../gateway/app/ports.ts';
import { databaseKeys } from '../../../gateway/auth/database-keys.ts';
import type { Scope } from '../../../gateway/auth/scopes.ts';
import { newApiKey } from '../../../gateway/auth/secret.ts';
import { type StoredKeyRing, storedKeyRing } from '../../../gateway/auth/stored-key-ring.ts';
import { type ConsentIndex, consentIndex } from '../../../gateway/consents/consent-index.ts';
import { databaseConsents } from '../../../gateway/consents/consents.ts';
import { liveNetting } from '../../../gateway/consents/live-netting.ts';
import { pastNetting } from '../../../gateway/consents/past-netting.ts';
import { databaseAccounts } from '../../../gateway/engine/accounts.ts';
import { forecastsOf, pastMargin } from '../../../gateway/engine/past-margin.ts';
import { storedPriceAt } from '../../../gateway/engine/prices-port.ts';
import { type Configurations, databaseConfigurations } from '../../../gateway/governance/configurations.ts';
import { databaseGovernance } from '../../../gateway/governance/governance.ts';
import type { HubDecisions } from '../../../gateway/governance/hub-decisions.ts';
import type { MarginUnder } from '../../../gateway/governance/impact.ts';
import { pinnedModel } from '../../../gateway/governance/pinned-model.ts';
import { withFreezes, withFrozenTrades } from '../../../gateway/governance/with-freezes.ts';
import { databasePublications } from '../../../gateway/publishing/publications.ts';
import { EventHub } from '../../../gateway/stream/event-hub.ts';
import { everyBook } from '../../../gateway/venues/every-book.ts';
import { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import { databaseWebhooks } from '../../../gateway/webhooks/webhooks.ts';
import { createWorld, type World, type WorldOptions } from './gateway.ts';
import { MARKETS } from './market.ts';

export const DEPLOYMENT = { ...pinnedModel('standard', '1.0.0', {}), given: {} };

/** What owners sign for, and how their accounts are netted. */
export const CONSENT_DOMAIN = { chainId: 31337, deployment: 'breakwater.test' } as const;
export const NETTING_RULES = { haircutWad: 5n * 10n ** 17n, maxBookAgeMs: 900_000 } as const;
const plainModel = (ref: { readonly id: string; readonly version: string }) =>
  pinnedModel(ref.id, ref.version, {});

/** A hub that nobody asks: what is handed in is only stored here. */
const PUBLISHING = {
  chains: [
    chainSchema.parse({
      id: 'hub',
      name: 'hub',
      chainId: 31337,
      rpcUrls: ['http://127.0.0.1:1'],
      blockTimeSeconds: 12,
      maxHeadAgeSeconds: 60,
      layerZero: { endpointId: 1, endpoint: `0x${'0e'.repeat(20)}` },
      risk: { oracle: `0x${'0a'.repeat(20)}`, hub: `0x${'0b'.repeat(20)}` },
    }),
  ],
  publishing: {
    hub: 'hub',
    lines: ['alpha', 'beta', 'fuzz', 'local'].map((protocol, index) => ({
      protocol,
      market: 'BTC-PERP',
      updateType: 'initialMarginRate' as const,
      autonomous: false,
      address: `0x${String(index).repeat(40)}` as const,
    })),
    maxFeeWei: '1',
    maxGasPriceWei: '1',
    minChange: '0.02',
    lowerAfterSeconds: 0,
    vetoSeconds: 0,
    lookSeconds: 5,
    stuckAfterSeconds: 60,
  },
};

/** A decision in the form that the route takes; whether its signer may approve, only a hub could tell. */
export const DECISION = {
  market: 'BTC-PERP',
  updateType: 'initialMarginRate',
  decision: { kind: 'bounds', min: '0.05', max: '0.5' },
  nonce: '0',
  validUntil: '1900000000',
  signatures: [`0x${'12'.repeat(64)}1b`],
};

/** The application with keys, governance, audit log and webhooks over a real database. */
export interface TenancyWorld {
  readonly world: World;
  readonly ring: StoredKeyRing;
  readonly configurations: Configurations;
  readonly margin: MarginUnder;
  readonly consents: ConsentIndex;
  close(): Promise<void>;
}

export async function tenancyWorld(
  database: Database,
  options: Omit<WorldOptions, 'override' | 'keyRing'> & {
    readonly allowPrivate?: boolean;
    /** Takes proposals to a hub. */
    readonly hub?: HubDecisions;
    /** Prices and forecasts of past moments are those of now (true), or as they were stored. */
    readonly pastPrices?: boolean | 'stored';
  } = {},
): Promise<TenancyWorld> {
  const logger = createLogger('silent');
  const ring = storedKeyRing({ database, configured: options.apiKeys ?? [], requireKeys: false, logger });
  const configurations = databaseConfigurations({ database, logger });
  let live: World | null = null;
  const consents = consentIndex({ database, logger, clock: { nowMs: () => live?.nowMs ?? 0 } });
  await Promise.all([ring.reload(), configurations.reload(), consents.reload()]);
  /** The prices of the world, without forecasts: the buffer is at its cap. */
  const margin: MarginUnder = (_protocol, portfolio, model) => {
    const { prices, nowMs } = live!;
    const usable = [...prices].flatMap(([id, { market }]) =>
      market === null ? [] : [[id, market] as const],
    );
    const snapshot = { asOfMs: nowMs, prices: new Map(usable), volatility: new Map() };
    return model.module.calculate(portfolio, MARKETS, snapshot, model.parameters);
  };
  const withPast = (ports: GatewayPorts): GatewayPorts =>
    options.pastPrices ? { ...ports, ...pastPorts(database, ports, options.pastPrices === 'stored') } : ports;
  const override = (ports: GatewayPorts): GatewayPorts => ({
    ...withPast(ports),
    margin: withFrozenTrades(withPast(ports).margin, configurations),
    analysis: withFreezes(ports.analysis, configurations),
    events: new EventHub({ window: 100, nowMs: Date.now }),
    tenancy: {
      keys: databaseKeys(database),
      audit: {
        list: (protocol, page) => listAudit(database.orm, protocol, page),
        tail: (protocol, page) => auditTail(database, protocol, page),
      },
      governance: databaseGovernance({
        database,
        books: pushedBooks(database),
        configurations,
        deployment: DEPLOYMENT,
        markets: MARKETS,
        clock: ports.clock,
        margin,
        still: () => ({ asOfMs: ports.clock.nowMs(), margin }),
        price: (feedId) => ports.prices.get(feedId).market?.priceWad ?? null,
        hub: options.hub ?? null,
      }),
      webhooks: databaseWebhooks(database, options.allowPrivate ?? false),
      publications: databasePublications(database, PUBLISHING),
      consents: databaseConsents({
        ...{ database, domain: CONSENT_DOMAIN, reader: null, accounts: ports.accounts, clock: ports.clock },
        configuration: { model: (ref) => (ref === null ? DEPLOYMENT : plainModel(ref)) },
      }),
    },
  });
  const world = createWorld({
    ...options,
    keyRing: ring,
    override,
    books: (clock) => databaseAccounts(database, clock),
    netting: (parts) =>
      liveNetting({ ...parts, database, index: consents, model: plainModel, rules: NETTING_RULES }),
  });
  live = world;
  return {
    world,
    ring,
    configurations,
    margin,
    consents,
    close: async () => {
      await ring.close();
      await consents.close();
      await configurations.close();
    },
  };
}

/** Books of a deployment without venues on chain. */
export function pushedBooks(database: Database) {
  const readers = new Map();
  const accounts = databaseAccounts(database, { nowMs: Date.now });
  return everyBook({ database, chains: [], readers, held: venueAccounts({ accounts, chains: [], readers }) });
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

/** Books of past moments are as they were stored; prices and forecasts are those of now, or stored too. */
function pastPorts(
  database: Database,
  ports: GatewayPorts,
  stored: boolean,
): Pick<GatewayPorts, 'prices' | 'forecasts' | 'margin'> {
  const prices: GatewayPorts['prices'] & Required<Pick<GatewayPorts['prices'], 'at'>> = {
    ...ports.prices,
    at: async (id: string, atMs: number) =>
      stored ? storedPriceAt(database, id, atMs) : ports.prices.get(id),
    history: (id, range) => listPricePoints(database.orm, id, range),
  };
  const forecasts = {
    ...ports.forecasts,
    at: async (asset: string, atMs: number) =>
      stored ? forecastsOf(await forecastsInForce(database.orm, asset, atMs)) : ports.forecasts.get(asset),
    issued: (span: { readonly fromMs: number; readonly toMs: number }) =>
      issuedForecasts(database.orm, { assets: ports.forecasts.assets(), horizonHours: 24, ...span }),
  };
  const past = pastMargin({
    database,
    prices,
    forecasts,
    requireSettled: async () => undefined,
    netting: pastNetting({
      ...{ database, onChain: () => false, model: plainModel, rules: NETTING_RULES },
    }),
    isCurrent: () => true,
    service: {
      validForMs: ports.prices.validForMs,
      configuration: {
        listing: ports.listing,
        model: (ref) => (ref === null ? DEPLOYMENT : pinnedModel(ref.id, ref.version, {})),
      },
    },
  });
  return {
    prices,
    forecasts,
    margin: { ...ports.margin, at: past.at, difference: past.difference, ofPast: past.of },
  };
}
