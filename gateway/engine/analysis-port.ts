import type { Portfolio } from '../../risk/portfolio/portfolio.ts';
import { WAD } from '../../risk/units/wad.ts';
import type { AccountsPort, AnalysisAnswer, AnalysisPort, BetaView } from '../app/ports.ts';
import type { RunAnalysis } from './analysis.ts';
import type { AnalysisAsk, AnalysisResults } from './analysis-results.ts';
import type { MarginEvaluation } from './margin-service.ts';
import type { RiskConfiguration } from './risk-configuration.ts';

export interface AnalysisPortOptions {
  readonly configuration: Pick<RiskConfiguration, 'module' | 'parameters' | 'markets'>;
  readonly accounts: Pick<AccountsPort, 'get'>;
  /** `MarginService.evaluate` fits. */
  readonly evaluate: (portfolio: Portfolio, trials: readonly Portfolio[]) => MarginEvaluation;
  readonly run: RunAnalysis;
  readonly beta: () => BetaView;
}

/** The analyses of the HTTP application over stored accounts; each reads one consistent moment. */
export function analysisPort({
  configuration,
  accounts,
  evaluate,
  run,
  beta,
}: AnalysisPortOptions): AnalysisPort {
  const { module, parameters, markets } = configuration;

  async function answer<K extends keyof AnalysisResults>(
    protocol: string,
    accountId: string,
    kind: K,
    ask: AnalysisAsk[K],
    trialMarkets: readonly string[] = [],
  ): Promise<AnalysisAnswer<K>> {
    const { sequence, portfolio } = await accounts.get(protocol, accountId);
    const trials = trialMarkets.map((market) => trialOf(portfolio, market));
    const { basis, snapshot, result, trialPrices } = evaluate(portfolio, trials);
    const task = {
      kind,
      ask,
      moduleId: module.id,
      moduleVersion: module.version,
      parameters,
      portfolio,
      markets,
      market: snapshot,
      result,
    };
    const analysis = await run(protocol, task);
    // The order of a market whose price is refused is 0 and says so; the rest of the answer does not rest on it.
    const used = trialPrices.filter(
      ({ market, verdicts }) => market !== null && verdicts.open.usable && verdicts.margin.usable,
    );
    return { ...basis, prices: [...basis.prices, ...used], accountId, sequence, result, analysis };
  }

  return {
    capacity: (protocol, accountId, { markets: wanted, sides }) => {
      const orders = wanted.flatMap((market) => sides.map((side) => ({ market, side })));
      return answer(protocol, accountId, 'capacity', { orders }, wanted);
    },
    liquidationPrice: async (protocol, accountId) => {
      const view = beta();
      const found = await answer(protocol, accountId, 'liquidation-price', { betas: view.betas });
      const feeds = new Map<string, string[]>();
      for (const { feedId } of found.prices) {
        for (const { asset, feedId: marks, indexFeedId } of markets.values()) {
          const of = feeds.get(asset) ?? [];
          if ((marks === feedId || indexFeedId === feedId) && !of.includes(feedId)) of.push(feedId);
          feeds.set(asset, of);
        }
      }
      return { ...found, beta: view, feeds };
    },
    liquidationPlan: (protocol, accountId, ask) => answer(protocol, accountId, 'liquidation-plan', ask),
    stress: async (protocol, accountId) => {
      const view = beta();
      return { ...(await answer(protocol, accountId, 'stress', { betas: view.betas })), beta: view };
    },
  };
}

/** A book of one position in the market: what it needs is what an order there would need. */
function trialOf({ accountId }: Portfolio, market: string): Portfolio {
  const position = {
    kind: 'perp',
    id: 'trial',
    market,
    sizeWad: WAD,
    entryPriceWad: WAD,
    unsettledFundingWad: 0n,
    chain: null,
  } as const;
  return { accountId, cashWad: 0n, positions: [position] };
}
