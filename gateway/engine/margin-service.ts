import type { RobustPrice } from '../../oracles/price.ts';
import type { MarketPrice, MarketSnapshot } from '../../risk/market/market-data.ts';
import type { MarginResult } from '../../risk/modules/module.ts';
import type { Portfolio } from '../../risk/portfolio/portfolio.ts';
import type { CorrelationMatrix } from '../../risk/predicted/correlation.ts';
import { predictMargin } from '../../risk/predicted/predict.ts';
import type { Clock, UnixMs } from '../../risk/units/time.ts';
import type { AccountsPort, MarginPort, RiskBasis } from '../app/ports.ts';
import type { ForecastStore } from './forecast-store.ts';
import type { RiskConfiguration } from './risk-configuration.ts';

/** Robust prices by feed id at a moment; `oracles/book` fits. */
export interface PriceView {
  readonly feedIds: readonly string[];
  price(feedId: string, nowMs: UnixMs): RobustPrice;
}

/** Margin of one portfolio with everything that it is based on. */
export interface MarginEvaluation {
  readonly basis: RiskBasis;
  readonly snapshot: MarketSnapshot;
  readonly result: MarginResult;
  /** Prices in the snapshot that only the trial books need. */
  readonly trialPrices: readonly RobustPrice[];
}

export interface MarginServiceOptions {
  readonly configuration: RiskConfiguration;
  readonly prices: PriceView;
  readonly store: ForecastStore;
  readonly clock: Clock;
  /** Market time for which an answer may be acted on. */
  readonly validForMs: number;
}

/** Margins portfolios from the live prices and forecasts; one evaluation reads one consistent moment. */
export class MarginService {
  readonly #options: MarginServiceOptions;
  readonly #feeds: ReadonlySet<string>;

  constructor(options: MarginServiceOptions) {
    this.#options = options;
    this.#feeds = new Set(options.prices.feedIds);
  }

  /**
   * Total: whatever is missing becomes a failure or a reason in the result. The snapshot also has the prices that
   * `trials` need; the basis is that of the portfolio alone.
   */
  evaluate(portfolio: Portfolio, trials: readonly Portfolio[] = []): MarginEvaluation {
    const { configuration, prices, store, clock, validForMs } = this.#options;
    const { module, parameters, markets, parametersHash } = configuration;
    const required = module.requirements(portfolio, markets, parameters);
    const asOfMs = clock.nowMs();
    const known = required.feeds.filter((feedId) => this.#feeds.has(feedId));
    const robust = known.map((feedId) => prices.price(feedId, asOfMs));
    const more = new Set(trials.flatMap((trial) => module.requirements(trial, markets, parameters).feeds));
    const trialPrices = [...more]
      .filter((feedId) => this.#feeds.has(feedId) && !required.feeds.includes(feedId))
      .map((feedId) => prices.price(feedId, asOfMs));
    const usable = [...robust, ...trialPrices].flatMap((price): [string, MarketPrice][] =>
      price.market === null ? [] : [[price.feedId, price.market]],
    );
    const snapshot: MarketSnapshot = {
      asOfMs,
      prices: new Map(usable),
      volatility: store.views,
      buffers: store.buffers,
    };
    return {
      snapshot,
      trialPrices,
      result: module.calculate(portfolio, markets, snapshot, parameters),
      basis: {
        asOfMs,
        validUntilMs: asOfMs + validForMs,
        prices: robust,
        missingFeeds: required.feeds.filter((feedId) => !this.#feeds.has(feedId)),
        volatility: required.volatility.flatMap(
          ({ asset, horizonHours }) => store.views.get(asset)?.get(horizonHours) ?? [],
        ),
        moduleId: module.id,
        moduleVersion: module.version,
        parametersHash,
      },
    };
  }

  /** The port of the HTTP application over stored accounts. */
  port(accounts: AccountsPort, correlation: () => CorrelationMatrix): MarginPort {
    const { module, parameters, markets } = this.#options.configuration;
    return {
      calculate: async (protocol, accountId) => {
        const { sequence, portfolio } = await accounts.get(protocol, accountId);
        const { basis, result } = this.evaluate(portfolio);
        return { ...basis, accountId, sequence, result };
      },
      predicted: async (protocol, accountId, { horizonHours, quantile }) => {
        const { sequence, portfolio } = await accounts.get(protocol, accountId);
        const { basis, result, snapshot } = this.evaluate(portfolio);
        const predicted = predictMargin({
          module,
          parameters,
          portfolio,
          markets,
          market: snapshot,
          horizonHours,
          quantile,
          correlation: correlation(),
        });
        return { ...basis, accountId, sequence, result, predicted };
      },
      simulate: (_protocol, portfolio) => {
        const { basis, result } = this.evaluate(portfolio);
        return { ...basis, accountId: null, sequence: null, result };
      },
    };
  }
}
