import type { RobustPrice } from '../../oracles/price.ts';
import { marginAcrossChains } from '../../risk/cross-chain/across-module.ts';
import type { FactorHistory } from '../../risk/market/factor-history.ts';
import type { MarketPrice, MarketSnapshot } from '../../risk/market/market-data.ts';
import type { AnyMarket, MarginResult } from '../../risk/modules/module.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import type { RiskBasis } from '../app/ports.ts';
import type { NettingAnswer } from '../consents/netting-answer.ts';
import { contextOf, type OnChains } from '../venues/on-chains.ts';
import type { ForecastStore } from './forecast-store.ts';
import { type LentMarket, lentMarkets } from './lent-markets.ts';
import { type AcrossPart, acrossPart } from './margin-across.ts';
import type { ModuleRef, RiskConfiguration, RiskModel } from './risk-configuration.ts';
import { venueLiquidity } from './venue-liquidity.ts';
import { type VenueDataView, venueSnapshot, withStaleFailures } from './venue-snapshot.ts';
import { perpEntries, venueTerms } from './venue-terms.ts';

/** Robust prices by feed id at a moment; `oracles/book` fits. */
export interface PriceView {
  readonly feedIds: readonly string[];
  price(feedId: string, nowMs: UnixMs): RobustPrice;
}

/** Everything that the margin of one portfolio is calculated from, at one moment. */
export interface MarginInputs {
  readonly protocol: string;
  readonly portfolio: AnyPortfolio;
  readonly model: RiskModel;
  /** Fixed markets and the options of the portfolio and its trials. */
  readonly markets: ReadonlyMap<string, AnyMarket>;
  readonly snapshot: MarketSnapshot;
  readonly basis: RiskBasis;
  /** Prices in the snapshot that only the trial books need. */
  readonly trialPrices: readonly RobustPrice[];
  /** The module simulates from history: its calculation is not for the thread that answers. */
  readonly simulates: boolean;
  /** Lent markets with the caps in force, which are the protocol's whatever module margins it. */
  lent(): readonly LentMarket[];
  /** What the module found, with the reasons that only the caller knows. */
  explained(result: MarginResult): MarginResult;
}

export interface MarginEvaluation extends MarginInputs, Partial<AcrossPart> {
  readonly result: MarginResult;
  /** Of an account with a consent in force only. */
  readonly netting?: NettingAnswer;
}

/** What to calculate beside the portfolio. */
export interface MarginAsk {
  /** null or left out: the module in force for the protocol. */
  readonly module?: ModuleRef | null;
  /** Module and parameters whatever is in force, to compare with; over `module`. */
  readonly model?: RiskModel;
  /** Books that a search will try: the snapshot has what they need, the basis does not name it. */
  readonly trials?: readonly AnyPortfolio[];
  /** What the portfolio has on chains, which is part of it already. */
  readonly onChains?: OnChains | null;
}

export interface MarginServiceOptions {
  readonly configuration: Pick<RiskConfiguration, 'model' | 'listing'>;
  /** What a protocol put in force at a market time; null = that of the deployment. */
  readonly pinned?: (protocol: string, atMs: UnixMs) => RiskModel | null;
  readonly prices: PriceView;
  readonly store: Pick<ForecastStore, 'views' | 'buffers'>;
  readonly venues: VenueDataView;
  /** Past joint returns over this horizon with volatilities at that quantile; null while there are none. */
  readonly history: (horizonHours: number, quantile: number) => FactorHistory | null;
  readonly clock: Clock;
  /** Market time for which an answer may be acted on. */
  readonly validForMs: number;
}

/** Margins portfolios from the live prices, forecasts and venue data; one evaluation reads one consistent moment. */
export class MarginService {
  readonly #options: MarginServiceOptions;

  constructor(options: MarginServiceOptions) {
    this.#options = options;
  }

  /** @throws ModuleNotFoundError for a module that is not there. */
  inputs(
    protocol: string,
    portfolio: AnyPortfolio,
    { module: ref = null, model: given, trials = [] }: MarginAsk = {},
  ): MarginInputs {
    const { configuration, prices, store, venues, clock, validForMs } = this.#options;
    const { listing } = configuration;
    const asOfMs = clock.nowMs();
    const pinned = ref === null ? (this.#options.pinned?.(protocol, asOfMs) ?? null) : null;
    const model = given ?? pinned ?? configuration.model(ref);
    const { module, parameters, parametersHash } = model;
    const markets = listing.marketsOf(portfolio, ...trials);
    const own = listing.marketsOf(portfolio);
    const required = module.requirements(portfolio, own, parameters);
    const feeds = new Set(prices.feedIds);
    const known = required.feeds.filter((feedId) => feeds.has(feedId));
    const robust = known.map((feedId) => prices.price(feedId, asOfMs));
    const more = new Set(trials.flatMap((trial) => module.requirements(trial, markets, parameters).feeds));
    const trialPrices = [...more]
      .filter((feedId) => feeds.has(feedId) && !required.feeds.includes(feedId))
      .map((feedId) => prices.price(feedId, asOfMs));
    const usable = [...robust, ...trialPrices].flatMap((price): [string, MarketPrice][] =>
      price.market === null ? [] : [[price.feedId, price.market]],
    );
    const venue = venueSnapshot(venues, listing, protocol, markets.values(), asOfMs);
    const ownAssets = new Set(
      [...own.values()].flatMap((market) =>
        market.kind === 'option' || market.kind === 'future' ? [market.asset] : [],
      ),
    );
    const wanted = required.history;
    const history = wanted ? this.#options.history(wanted.horizonHours, wanted.quantile) : null;
    const snapshot: MarketSnapshot = {
      asOfMs,
      prices: new Map(usable),
      volatility: store.views,
      buffers: store.buffers,
      options: venue.options,
      liquidity: venueLiquidity(venues, protocol, markets.values(), asOfMs, module.venueTerms !== undefined),
      // only for who reads them: nothing else may take a settled market for one that trades no more
      ...(module.venueTerms && venueTerms(venues, listing, protocol, markets.values(), asOfMs)),
      ...(history === null ? {} : { history }),
    };
    return {
      protocol,
      portfolio,
      model,
      markets,
      snapshot,
      trialPrices,
      simulates: wanted !== undefined,
      lent: () => {
        const overrides = this.#options.pinned?.(protocol, asOfMs)?.lending ?? null;
        return lentMarkets(listing.fixed.values(), overrides, venues, protocol, asOfMs);
      },
      explained: (result) => withStaleFailures(result, portfolio, listing, venue, asOfMs),
      basis: {
        asOfMs,
        validUntilMs: asOfMs + validForMs,
        prices: robust,
        missingFeeds: required.feeds.filter((feedId) => !feeds.has(feedId)),
        volatility: required.volatility.flatMap(
          ({ asset, horizonHours }) => store.views.get(asset)?.get(horizonHours) ?? [],
        ),
        venueData: [
          ...venue.entries.filter(({ market }) => {
            const series = listing.series.get(market);
            return series !== undefined && ownAssets.has(series.asset);
          }),
          ...(module.venueTerms ? perpEntries(venues, protocol, portfolio) : []),
        ],
        history:
          history === null
            ? null
            : {
                horizonHours: history.horizonHours,
                rows: history.rows.length,
                stressedRows: history.stressed.length,
                fromMs: history.rows[0]?.tsMs ?? history.asOfMs,
                asOfMs: history.asOfMs,
              },
        moduleId: module.id,
        moduleVersion: module.version,
        parametersHash,
      },
    };
  }

  /** Total but for the module: whatever is missing becomes a failure or a reason. @throws ModuleNotFoundError */
  evaluate(protocol: string, portfolio: AnyPortfolio, ask: MarginAsk = {}): MarginEvaluation {
    return evaluated(this.inputs(protocol, portfolio, ask), ask.onChains ?? null);
  }
}

/** The margin of these inputs, in this thread: of one book, or of an account over several chains. */
export function evaluated(inputs: MarginInputs, onChains: OnChains | null): MarginEvaluation {
  const { model, portfolio, markets, snapshot } = inputs;
  const { module, parameters } = model;
  if (onChains === null) {
    return {
      ...inputs,
      result: inputs.explained(module.calculate(portfolio, markets, snapshot, parameters)),
    };
  }
  const context = contextOf(onChains);
  const found = marginAcrossChains(module, context, portfolio, markets, snapshot, parameters);
  return { ...inputs, result: inputs.explained(found.result), ...acrossPart(onChains, found) };
}
