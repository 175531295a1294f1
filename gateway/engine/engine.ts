import type { Logger } from 'pino';
import { createChainReader } from '../../chains/clients/chain-reader.ts';
import type { Database } from '../../db/connection.ts';
import { forecastsInForce } from '../../db/queries/forecasts.ts';
import { issuedForecasts } from '../../db/queries/issued-forecasts.ts';
import type { HourlyBar } from '../../models/forecast.ts';
import { PriceBook } from '../../oracles/book/price-book.ts';
import { type Ingest, startIngest } from '../../oracles/ingest.ts';
import type { RobustPrice } from '../../oracles/price.ts';
import { haircutOf } from '../../risk/cross-chain/haircut.ts';
import { findModule, listModules } from '../../risk/modules/registry.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import { UnknownAssetError } from '../app/errors.ts';
import type { GatewayPorts } from '../app/ports.ts';
import type { NetworkConfig } from '../config/network.ts';
import { type LiveNetting, withNettingRemark } from '../consents/live-netting.ts';
import type { ConsentsPort } from '../consents/port.ts';
import { consentWiring } from '../consents/wire.ts';
import type { Cleanup } from '../runtime/cleanup.ts';
import { ISSUED_HORIZON_HOURS } from '../schemas/forecast-list.ts';
import { type AccountName, accountsOnChainOnly, type Shard } from '../venues/enumerate.ts';
import { type EveryBook, everyBook } from '../venues/every-book.ts';
import { lastBooks } from '../venues/last-books.ts';
import { pastVenues } from '../venues/past-venues.ts';
import { type VenueAccounts, venueAccounts } from '../venues/venue-accounts.ts';
import { venueKeys } from '../venues/venue-list.ts';
import { databaseAccounts } from './accounts.ts';
import { analysisPort } from './analysis-port.ts';
import { AnalysisThread } from './analysis-thread.ts';
import { scheduleKey } from './buffer-schedules.ts';
import { CandleFeed } from './candle-feed.ts';
import { syncFactorHistory } from './factor-history-sync.ts';
import { followChanges } from './follow-changes.ts';
import { ForecastStore } from './forecast-store.ts';
import { BETA_REFERENCE, type ForecastSync, syncForecasts } from './forecast-sync.ts';
import { frozenMargin } from './frozen-margin.ts';
import { readiness } from './health.ts';
import { type Evaluate, evaluator, evaluatorNow, marginPort } from './margin-port.ts';
import { MarginService, type MarginServiceOptions } from './margin-service.ts';
import { forecastsOf, pastMargin } from './past-margin.ts';
import { pricesPort, storedPriceAt } from './prices-port.ts';
import { type RiskConfiguration, riskConfiguration } from './risk-configuration.ts';
import { settledMoments } from './settled-moments.ts';
import { VenueDataStore } from './venue-data-store.ts';
import { syncVenueData, type VenueDataSync } from './venue-data-sync.ts';

export interface EngineOptions {
  readonly network: NetworkConfig;
  readonly database: Database;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cleanup: Cleanup;
  /** Wall time between two rounds of reads on a chain. */
  readonly pollIntervalMs: number;
  /** Market time for which a price or a margin may be acted on. */
  readonly validForMs: number;
  readonly hermesApiKey: string | null;
  /** Last stored answers of the feeds: a restart must not make their guards forget. */
  readonly remembered: readonly RobustPrice[];
  /** Bars to start from, by asset. */
  readonly history: ReadonlyMap<string, readonly HourlyBar[]>;
  /** What a protocol put in force at a market time; null = the configuration of the network. */
  readonly pinned?: NonNullable<MarginServiceOptions['pinned']>;
  /** The same of a past moment, from the database. */
  readonly pinnedThen?: NonNullable<Parameters<typeof pastMargin>[0]['pinned']>;
}

/** The live half of every process: prices, forecasts and margin over one network. */
export interface Engine {
  readonly network: NetworkConfig;
  readonly clock: Clock;
  readonly configuration: RiskConfiguration;
  readonly book: PriceBook;
  readonly ingest: Ingest;
  readonly candles: CandleFeed;
  readonly forecasts: ForecastSync;
  readonly venueData: VenueDataSync;
  readonly margin: MarginService;
  /** Accounts with what they have on chain. */
  readonly held: VenueAccounts;
  /** Consents of account owners to netting across protocols. */
  readonly consents: ConsentsPort;
  /** null: nothing is netted across protocols. */
  readonly netting: LiveNetting | null;
  /** Reads which accounts are in a consent; until then they are margined alone. @throws DatabaseUnavailableError */
  readonly loadConsents: () => Promise<void>;
  /** Accounts of a shard that are on chain and were never pushed. */
  readonly onChainOnly: (shard: Shard) => AsyncIterable<readonly AccountName[]>;
  /** Every account of a protocol with all it has. */
  readonly everyBook: EveryBook;
  /** Margins in the right thread. */
  readonly evaluate: Evaluate;
  /** The same at a market that stands still from now on, for many books. */
  readonly still: () => { readonly asOfMs: UnixMs; readonly evaluate: Evaluate };
  readonly ports: GatewayPorts;
}

/** Forecasts are made hourly; one more hour may pass before an answer calls its forecast old. */
const FORECAST_VALID_MS = 2 * 3_600_000;

/**
 * Wires the layers: chain readers and Hermes into the book, the book into candles and margin, the database into
 * forecasts and accounts. Starts the ingest; what was started is on the cleanup.
 * @throws ModuleNotFoundError, InvalidInputError naming the parameter or feed
 */
export function startEngine(options: EngineOptions): Engine {
  const { network, database, clock, logger, cleanup, pollIntervalMs, validForMs, hermesApiKey } = options;
  const configuration = riskConfiguration(network);
  const book = new PriceBook(network.feeds);
  book.recall(options.remembered, clock.nowMs());
  const store = new ForecastStore();
  const venues = new VenueDataStore();
  const factors = syncFactorHistory({ database, logger });
  cleanup.add('factor returns', () => factors.close());
  const marginOptions: MarginServiceOptions = {
    configuration,
    prices: book,
    store,
    venues,
    history: (horizonHours, quantile) => factors.history(horizonHours, quantile),
    clock,
    validForMs,
    ...(options.pinned === undefined ? {} : { pinned: options.pinned }),
  };
  const margin = new MarginService(marginOptions);
  const stored = databaseAccounts(database, clock, (protocol) => venueKeys(network.chains, protocol));
  const assets = [...configuration.assetFeeds.keys()];

  const candles = new CandleFeed(assets, options.history);
  const unsubscribe = book.subscribe((changed) => {
    const nowMs = clock.nowMs();
    for (const [asset, feedId] of configuration.assetFeeds) {
      if (changed.has(feedId)) candles.observe(asset, book.price(feedId, nowMs));
    }
  });
  cleanup.add('candles', unsubscribe);

  const forecasts = syncForecasts({
    database,
    store,
    assets,
    isCurrent: ({ asset, key }) => key === scheduleKey(configuration, asset),
    logger,
  });
  cleanup.add('forecast updates', () => forecasts.close());
  const venueData = syncVenueData({ database, store: venues, logger });
  cleanup.add('venue data updates', () => venueData.close());
  const followed = followChanges({
    ...{ database, book, accounts: stored, venueData: venueData.port, chains: network.chains, logger },
  });
  cleanup.add('changes of books', () => followed.close());
  const { accounts } = followed;

  const readers = new Map(
    network.chains.map((chain) => [chain.id, createChainReader(chain, { clock, logger })] as const),
  );
  const ingest = startIngest({
    feeds: network.feeds,
    hermes: network.hermes,
    hermesApiKey,
    readers,
    chains: network.chains,
    book,
    clock,
    logger,
    pollIntervalMs,
  });
  cleanup.add('price sources', () => ingest.stop());

  const analyses = new AnalysisThread();
  cleanup.add('analyses', () => analyses.close());

  const evaluate = evaluator(margin, analyses.run);
  const held = venueAccounts({
    accounts,
    chains: network.chains,
    readers,
    last: lastBooks(database, clock),
    haircut: haircutOf(network.crossChain),
  });

  const { consents, netting, pastNetting, loadConsents } = consentWiring({
    ...{ network, database, readers, configuration, held, evaluate, margin, clock, logger, cleanup },
  });

  const requireSettled = settledMoments(database);
  const prices = pricesPort({ book, database, clock, validForMs, requireSettled });
  const forecastsThen = async (asset: string, atMs: number) =>
    forecastsOf(await forecastsInForce(database.orm, asset, atMs));
  const past = pastMargin({
    database,
    prices: { ids: prices.ids, at: (feedId, atMs) => storedPriceAt(database, feedId, atMs) },
    forecasts: { assets: () => assets, at: forecastsThen },
    requireSettled,
    isCurrent: ({ asset, key }) => key === scheduleKey(configuration, asset),
    service: { configuration, validForMs },
    venues: pastVenues({ database, chains: network.chains, haircut: haircutOf(network.crossChain) }),
    netting: pastNetting,
    ...(options.pinnedThen === undefined ? {} : { pinned: options.pinnedThen }),
  });
  const ports: GatewayPorts = {
    networkName: network.name,
    clock,
    listing: configuration.listing,
    chains: new Set(network.chains.map(({ id }) => id)),
    prices,
    forecasts: {
      at: async (asset, atMs) => {
        if (!configuration.assetFeeds.has(asset)) throw new UnknownAssetError(asset);
        await requireSettled(atMs);
        return forecastsThen(asset, atMs);
      },
      issued: (span) =>
        issuedForecasts(database.orm, { assets, horizonHours: ISSUED_HORIZON_HOURS, ...span }),
      assets: () => assets,
      get: (asset) => {
        if (!configuration.assetFeeds.has(asset)) throw new UnknownAssetError(asset);
        return store.forecasts(asset);
      },
      validForMs: FORECAST_VALID_MS,
    },
    modules: { list: listModules, get: findModule },
    accounts,
    margin: {
      ...marginPort({
        accounts: held,
        evaluate,
        evaluateNow: evaluatorNow(margin),
        netting,
        run: analyses.run,
        correlation: forecasts.correlation,
      }),
      at: past.at,
      difference: past.difference,
      ofPast: past.of,
    },
    analysis: analysisPort({
      listing: configuration.listing,
      accounts: held,
      evaluate: netting === null ? evaluate : withNettingRemark(evaluate, netting.has),
      run: analyses.run,
      beta: () => ({ reference: BETA_REFERENCE, betas: forecasts.betas() }),
    }),
    venueData: followed.venueData,
    changes: followed.changes,
    health: readiness({ database, book, store, configuration, clock }),
  };
  return {
    network,
    clock,
    configuration,
    book,
    ingest,
    candles,
    forecasts,
    venueData,
    margin,
    held,
    consents,
    netting,
    loadConsents,
    onChainOnly: (shard) => accountsOnChainOnly({ database, chains: network.chains, readers }, shard),
    everyBook: everyBook({ database, chains: network.chains, readers, held }),
    evaluate,
    still: () => {
      const { asOfMs, margin: frozen } = frozenMargin(marginOptions);
      return { asOfMs, evaluate: evaluator(frozen, analyses.run) };
    },
    ports,
  };
}
