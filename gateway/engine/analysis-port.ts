import type { AnyMarket } from '../../risk/modules/module.ts';
import type { AnyPortfolio, AnyPosition } from '../../risk/portfolio/portfolio.ts';
import { WAD } from '../../risk/units/wad.ts';
import type { AnalysisAnswer, AnalysisPort, BetaView } from '../app/ports.ts';
import type { HeldBook } from '../attestations/reserved.ts';
import type { RunAnalysis } from './analysis.ts';
import type { AnalysisAsk, AnalysisResults } from './analysis-results.ts';
import type { Listing } from './instruments.ts';
import { answerOf, type Evaluate, type HeldAccounts, taskOf } from './margin-port.ts';
import type { MarginEvaluation } from './margin-service.ts';
import type { ModuleRef } from './risk-configuration.ts';

export interface AnalysisPortOptions {
  readonly listing: Listing;
  readonly accounts: HeldAccounts;
  readonly evaluate: Evaluate;
  readonly run: RunAnalysis;
  readonly beta: () => BetaView;
}

/** The analyses of the HTTP application over stored accounts; each reads one consistent moment. */
export function analysisPort({ listing, accounts, evaluate, run, beta }: AnalysisPortOptions): AnalysisPort {
  async function answer<K extends keyof AnalysisResults>(
    protocol: string,
    accountId: string,
    module: ModuleRef | null,
    kind: K,
    ask: AnalysisAsk[K] | ((evaluation: MarginEvaluation) => AnalysisAsk[K]),
    trialMarkets: readonly string[] = [],
    bookOf: (held: HeldBook) => AnyPortfolio = (held) => held.portfolio,
  ): Promise<AnalysisAnswer<K>> {
    const { sequence, onChains = null, ...held } = await accounts.get(protocol, accountId);
    const portfolio = bookOf({ portfolio: held.portfolio, onChains });
    const trials = trialMarkets.map((market) => trialOf(portfolio, market, listing));
    const evaluation = await evaluate(protocol, portfolio, { module, trials, onChains });
    const { basis, result, trialPrices, context } = evaluation;
    const asked = typeof ask === 'function' ? ask(evaluation) : ask;
    const analysis = await run(protocol, taskOf(kind, asked, evaluation, result, context));
    // The order of a market whose price is refused is 0 and says so; the rest of the answer does not rest on it.
    const used = trialPrices.filter(
      ({ market, verdicts }) => market !== null && verdicts.open.usable && verdicts.margin.usable,
    );
    const prices = [...basis.prices, ...used];
    return { ...answerOf(evaluation, accountId, sequence), prices, analysis };
  }

  return {
    capacity: (protocol, accountId, { markets: wanted, sides, lending = false, module, bookOf }) => {
      const orders = wanted.flatMap((market) => sides.map((side) => ({ market, side })));
      const lent = lending ? [...listing.fixed.values()].filter((market) => isLent(market)) : [];
      return answer(
        protocol,
        accountId,
        module,
        'capacity',
        (evaluation) => ({ orders, lending: lent.length === 0 ? [] : evaluation.lent() }),
        [...wanted, ...lent.map(({ id }) => id)],
        bookOf,
      );
    },
    liquidationPrice: async (protocol, accountId, module) => {
      const view = beta();
      const found = await answer(protocol, accountId, module, 'liquidation-price', { betas: view.betas });
      const feeds = new Map<string, string[]>();
      const markets = [...listing.fixed.values(), ...listing.series.values()];
      for (const { feedId } of found.prices) {
        for (const market of markets) {
          const of = feeds.get(market.asset) ?? [];
          const reads =
            market.feedId === feedId || ('indexFeedId' in market && market.indexFeedId === feedId);
          if (reads && !of.includes(feedId)) of.push(feedId);
          feeds.set(market.asset, of);
        }
      }
      return { ...found, beta: view, feeds };
    },
    liquidationPlan: (protocol, accountId, { module, ...ask }) =>
      answer(protocol, accountId, module, 'liquidation-plan', ask),
    stress: async (protocol, accountId, module) => {
      const view = beta();
      return { ...(await answer(protocol, accountId, module, 'stress', { betas: view.betas })), beta: view };
    },
  };
}

const isLent = (market: AnyMarket) => market.kind === 'collateral' && Boolean(market.lending);

/** A book of one position in the market: what it needs is what an order there would need. */
function trialOf({ accountId }: AnyPortfolio, market: string, listing: Listing): AnyPortfolio {
  const common = { id: 'trial', market, sizeWad: WAD, chain: null };
  const position: AnyPosition =
    listing.instrument(market)?.kind !== 'option'
      ? { kind: 'perp', ...common, entryPriceWad: WAD, unsettledFundingWad: 0n }
      : { kind: 'option', ...common };
  return { accountId, cashWad: 0n, positions: [position] };
}
