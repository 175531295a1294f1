import { chainSchema } from '../../../chains/registry/chain.ts';
import { createApp } from '../../../gateway/app/app.ts';
import type { GatewayApp } from '../../../gateway/app/context.ts';
import { UnknownAssetError, UnknownFeedError } from '../../../gateway/app/errors.ts';
import { createLogger } from '../../../gateway/app/logger.ts';
import type { AccountsPort, GatewayPorts, HealthCheck } from '../../../gateway/app/ports.ts';
import { attestationsPort } from '../../../gateway/attestations/port.ts';
import { localSigner } from '../../../gateway/attestations/signer.ts';
import type { KeyRing } from '../../../gateway/auth/key-ring.ts';
import type { ApiKey } from '../../../gateway/auth/keys.ts';
import {
  type LiveNetting,
  type liveNetting,
  withNettingRemark,
} from '../../../gateway/consents/live-netting.ts';
import { analyse, type RunAnalysis } from '../../../gateway/engine/analysis.ts';
import { analysisPort } from '../../../gateway/engine/analysis-port.ts';
import { Listing } from '../../../gateway/engine/instruments.ts';
import { evaluator, evaluatorNow, marginPort } from '../../../gateway/engine/margin-port.ts';
import { MarginService } from '../../../gateway/engine/margin-service.ts';
import { VenueDataStore } from '../../../gateway/engine/venue-data-store.ts';
import type { RateLimiter } from '../../../gateway/limits/rate-limiter.ts';
import type { venueAccounts } from '../../../gateway/venues/venue-accounts.ts';
import type { VolatilityForecast } from '../../../models/forecast.ts';
import type { RobustPrice } from '../../../oracles/price.ts';
import type { FactorHistory } from '../../../risk/market/factor-history.ts';
import { findModule, listModules } from '../../../risk/modules/registry.ts';
import { uniformCorrelation } from '../../../risk/predicted/correlation.ts';
import type { Clock } from '../../../risk/units/time.ts';
import { type InMemoryAccounts, inMemoryAccounts } from './in-memory-accounts.ts';
import { inMemoryVenueData } from './in-memory-venue-data.ts';
import { forecastOf, MARKETS, NOW_MS, robustPrice, SERIES, viewOf } from './market.ts';

/** A known key, of tests only. */
const ATTESTER_KEY = `0x${'0a'.repeat(32)}` as const;
export const CONSUMER = `0x${'c0'.repeat(20)}` as const;
export const VERIFIER = `0x${'fe'.repeat(20)}` as const;
const CHAINS = [
  chainSchema.parse({
    id: 'hub',
    name: 'hub',
    chainId: 31337,
    rpcUrls: ['http://127.0.0.1:1'],
    blockTimeSeconds: 12,
    maxHeadAgeSeconds: 60,
    risk: {
      oracle: VERIFIER,
      verifier: VERIFIER,
      protocols: Object.fromEntries(
        ['local', 'alpha', 'beta', 'fuzz'].map((protocol) => [protocol, [CONSUMER]]),
      ),
    },
  }),
];

const VALID_MS = 10_000;
const PATHS = 64;
const BETAS = { BTC: 1, ETH: 1.2, USDC: 0 };

/** What a test may turn before and while it asks. */
export interface World {
  nowMs: number;
  readonly prices: Map<string, RobustPrice>;
  readonly forecasts: Map<string, readonly VolatilityForecast[]>;
  readonly checks: HealthCheck[];
  readonly accounts: InMemoryAccounts;
  readonly logs: string[];
  readonly ports: GatewayPorts;
  readonly margin: MarginService;
  readonly app: GatewayApp;
}

export interface WorldOptions {
  readonly apiKeys?: readonly ApiKey[];
  readonly keyRing?: KeyRing;
  readonly metricsKeyHash?: string | null;
  readonly adminKeyHash?: string | null;
  readonly maxBodyBytes?: number;
  readonly rateLimiter?: RateLimiter;
  readonly shutdown?: AbortSignal;
  /** Where analyses run; in the thread of the test when left out. */
  readonly runAnalysis?: RunAnalysis;
  /** Betas to BTC; null = not known yet. */
  readonly betas?: Readonly<Record<string, number>> | null;
  /** Default `standard@1.0.0`. */
  readonly module?: { readonly id: string; readonly version: string };
  /** Returns that `tail` simulates from; none when left out. */
  readonly history?: FactorHistory;
  /** Where books are kept; in memory when left out. */
  readonly books?: (clock: Clock) => AccountsPort;
  /** Accounts as margins see them; those that were pushed when left out. */
  readonly held?: (accounts: InMemoryAccounts) => ReturnType<typeof venueAccounts>;
  /** Counts consents of account owners; none when left out. */
  readonly netting?: (
    parts: Pick<Parameters<typeof liveNetting>[0], 'held' | 'evaluate' | 'margin' | 'clock'>,
  ) => LiveNetting;
  /** Replaces parts of the ports, for faults. */
  readonly override?: (ports: GatewayPorts) => GatewayPorts;
}

/** The real application and the real `standard` module over prices, forecasts and accounts in memory. */
export function createWorld(options: WorldOptions = {}): World {
  const state = {
    nowMs: NOW_MS,
    prices: new Map<string, RobustPrice>(
      (
        [
          ['BTC-USD', '60000'],
          ['ETH-USD', '3000'],
          ['USDC-USD', '1'],
        ] as const
      ).map(([feedId, price]) => [feedId, robustPrice(feedId, price)]),
    ),
    forecasts: new Map<string, readonly VolatilityForecast[]>(
      ['BTC', 'ETH'].map((asset) => [asset, ([1, 4, 24] as const).map((hours) => forecastOf(asset, hours))]),
    ),
    checks: [{ name: 'prices', ok: true, detail: '3 of 3 feeds' }] as HealthCheck[],
    logs: [] as string[],
  };
  const accounts = inMemoryAccounts(() => state.nowMs);
  const books = options.books?.({ nowMs: () => state.nowMs }) ?? accounts;
  const own = options.module ?? { id: 'standard', version: '1.0.0' };
  const listing = new Listing(MARKETS, SERIES);
  const venues = new VenueDataStore();
  const margin = new MarginService({
    configuration: {
      listing,
      model(ref) {
        const module = findModule((ref ?? own).id, (ref ?? own).version);
        return { module, parameters: module.defaultParameters, parametersHash: `0x${'cd'.repeat(32)}` };
      },
    },
    prices: {
      get feedIds() {
        return [...state.prices.keys()];
      },
      price: (feedId) => state.prices.get(feedId)!,
    },
    store: {
      get views() {
        return new Map(
          [...state.forecasts].map(([asset, all]) => [
            asset,
            new Map(all.map((f) => [f.horizonHours, viewOf(f)] as const)),
          ]),
        );
      },
      buffers: new Map(),
    },
    venues,
    history: (horizonHours) => (options.history?.horizonHours === horizonHours ? options.history : null),
    clock: { nowMs: () => state.nowMs },
    validForMs: VALID_MS,
  });
  const run: RunAnalysis = options.runAnalysis ?? (async (_protocol, task) => analyse(task));
  const evaluate = evaluator(margin, run);
  const held = options.held?.(accounts) ?? books;
  const clock = { nowMs: () => state.nowMs };
  const netting = options.netting?.({ held, evaluate, margin, clock }) ?? null;
  const ports: GatewayPorts = {
    networkName: 'test',
    clock: { nowMs: () => state.nowMs },
    listing,
    chains: new Set(['hub', 'l2']),
    prices: {
      validForMs: VALID_MS,
      ids: () => [...state.prices.keys()],
      get: (id) => {
        const price = state.prices.get(id);
        if (price === undefined) throw new UnknownFeedError([id]);
        return price;
      },
    },
    forecasts: {
      validForMs: 2 * 3_600_000,
      assets: () => [...state.forecasts.keys()],
      get: (asset) => {
        const found = state.forecasts.get(asset);
        if (found === undefined) throw new UnknownAssetError(asset);
        return found;
      },
    },
    modules: { list: listModules, get: findModule },
    accounts: books,
    margin: marginPort({
      accounts: held,
      evaluate,
      netting,
      evaluateNow: evaluatorNow(margin),
      run,
      correlation: () => uniformCorrelation(['BTC', 'ETH', 'USDC'], 0.8),
      paths: PATHS,
    }),
    analysis: analysisPort({
      listing,
      accounts: held,
      evaluate: netting === null ? evaluate : withNettingRemark(evaluate, netting.has),
      run,
      beta: () => ({ reference: 'BTC', betas: options.betas === undefined ? BETAS : options.betas }),
    }),
    venueData: inMemoryVenueData(venues),
    health: { ready: async () => state.checks },
    attestations: attestationsPort(CHAINS, localSigner(ATTESTER_KEY)),
  };
  const wired = options.override?.(ports) ?? ports;
  const app = createApp({
    ports: wired,
    logger: createLogger('debug', { write: (line: string) => void state.logs.push(line) }),
    apiKeys: options.apiKeys ?? [],
    ...(options.keyRing === undefined ? {} : { keyRing: options.keyRing }),
    ...(options.metricsKeyHash === undefined ? {} : { metricsKeyHash: options.metricsKeyHash }),
    ...(options.adminKeyHash === undefined ? {} : { adminKeyHash: options.adminKeyHash }),
    ...(options.maxBodyBytes === undefined ? {} : { maxBodyBytes: options.maxBodyBytes }),
    rateLimiter: options.rateLimiter ?? null,
    shutdown: options.shutdown ?? null,
  });
  return Object.assign(state, { accounts, ports: wired, margin, app });
}

/** A request with a JSON body, as a client sends it. */
export function jsonRequest(
  method: string,
  body: unknown,
  headers: Record<string, string> = {},
): RequestInit {
  return {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** 1 BTC long from 58,000, 2 ETH short from 3,100, 10 ETH and 1,000 of cash. */
export const BOOK = {
  cash: '1000',
  positions: [
    { kind: 'perp', id: 'p1', market: 'BTC-PERP', size: '1', entryPrice: '58000', chain: 'hub' },
    { kind: 'perp', id: 'p2', market: 'ETH-PERP', size: '-2', entryPrice: '3100', unsettledFunding: '12.5' },
    { kind: 'collateral', id: 'c1', asset: 'ETH', amount: '10', chain: 'l2' },
  ],
};
