/** What the gateway is over in production, without chains and database: a price book that moves, forecasts, books in memory. */
import type { GatewayPorts } from '../../gateway/app/ports.ts';
import { analyse, type RunAnalysis } from '../../gateway/engine/analysis.ts';
import { Changes } from '../../gateway/engine/changes.ts';
import { ForecastStore } from '../../gateway/engine/forecast-store.ts';
import { Listing } from '../../gateway/engine/instruments.ts';
import { evaluator, evaluatorNow, marginPort } from '../../gateway/engine/margin-port.ts';
import { MarginService } from '../../gateway/engine/margin-service.ts';
import { VenueDataStore } from '../../gateway/engine/venue-data-store.ts';
import { PriceBook } from '../../oracles/book/price-book.ts';
import type { FeedConfig } from '../../oracles/config/feeds.ts';
import { findModule } from '../../risk/modules/registry.ts';
import { uniformCorrelation } from '../../risk/predicted/correlation.ts';
import { createWorld } from '../../test/gateway/support/gateway.ts';
import { inMemoryAccounts } from '../../test/gateway/support/in-memory-accounts.ts';
import { forecastOf, MARKETS, SERIES } from '../../test/gateway/support/market.ts';
import { makeFeed, makeRandom, makeReports, makeUsdcFeed } from '../oracles/data.ts';

/** Prices change as often as Pyth Pro sends them; answers count for ten seconds, as by default. */
export const TICK_MS = 100;
const VALID_MS = 10_000;

export interface BenchWorld {
  readonly ports: GatewayPorts;
  readonly book: PriceBook;
  readonly margin: MarginService;
  readonly changes: Changes;
  readonly feeds: readonly FeedConfig[];
  /** New reports of every source of every feed; `btc` moves its price. */
  tick(btc?: number): void;
}

/** Seven sources per feed, all guards on; market time is that of the machine. `hermesOnly`: one that messages move. */
export function benchWorld({ hermesOnly = false } = {}): BenchWorld {
  const random = makeRandom();
  const only = (config: FeedConfig): FeedConfig => {
    if (!hermesOnly) return config;
    const { class: _, fullGroups: __, ...rest } = config;
    return { ...rest, fullGroups: 1, minGroups: 1, sources: config.sources.slice(0, 1) };
  };
  const usdc = only(makeUsdcFeed());
  const feed = (index: number, base: string) => only({ ...makeFeed(index), id: `${base}-USD`, base });
  const btc = feed(1, 'BTC');
  const eth = feed(2, 'ETH');
  const book = new PriceBook([usdc, btc, eth]);
  const clock = { nowMs: Date.now };
  const changes = new Changes();
  book.subscribe((feedIds) => changes.feeds(feedIds));
  const tick = (price = 60_000) => {
    const now = clock.nowMs();
    book.ingest([
      ...makeReports(usdc, 1, random, now, 0.0001),
      ...makeReports(btc, price, random, now, 0.0002),
      ...makeReports(eth, 3000, random, now, 0.0002),
    ]);
  };
  tick();
  const store = new ForecastStore();
  for (const asset of ['BTC', 'ETH']) {
    store.setForecasts(
      asset,
      ([1, 4, 24] as const).map((hours) => forecastOf(asset, hours, clock.nowMs())),
    );
  }
  const margin = new MarginService({
    configuration: {
      listing: new Listing(MARKETS, SERIES),
      model(ref) {
        const module = findModule(ref?.id ?? 'standard', ref?.version ?? '1.0.0');
        return { module, parameters: module.defaultParameters, parametersHash: `0x${'cd'.repeat(32)}` };
      },
    },
    prices: book,
    store,
    venues: new VenueDataStore(),
    history: () => null,
    clock,
    validForMs: VALID_MS,
  });
  const run: RunAnalysis = async (_protocol, task) => analyse(task);
  const accounts = inMemoryAccounts(clock.nowMs);
  const base = createWorld().ports;
  const ports: GatewayPorts = {
    ...base,
    clock,
    accounts,
    changes,
    prices: { ids: () => book.feedIds, get: (id) => book.price(id, clock.nowMs()), validForMs: VALID_MS },
    margin: marginPort({
      accounts,
      evaluate: evaluator(margin, run),
      evaluateNow: evaluatorNow(margin),
      run,
      correlation: () => uniformCorrelation(['BTC', 'ETH', 'USDC'], 0.8),
    }),
  };
  return { ports, book, margin, changes, feeds: [usdc, btc, eth], tick };
}
