import type { AcrossChains } from '../../risk/cross-chain/across.ts';
import { type AcrossContext, acrossModule, asAcross } from '../../risk/cross-chain/across-module.ts';
import type { MarginQuestion } from '../../risk/liquidation/liquidation-price.ts';
import { liquidationPrices } from '../../risk/liquidation/liquidation-price.ts';
import type { MarketSnapshot } from '../../risk/market/market-data.ts';
import type { AnyMarket, MarginResult, RiskModule } from '../../risk/modules/module.ts';
import { findModule } from '../../risk/modules/registry.ts';
import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import { predictMargin } from '../../risk/predicted/predict.ts';
import { AnalysisTooLargeError } from './analysis-errors.ts';
import type { AnalysisAsk, AnalysisResults } from './analysis-results.ts';
import { capacityOf } from './capacity-analysis.ts';
import { planOf } from './plan-analysis.ts';
import { stressOf } from './stress-analysis.ts';

/** Positions that one analysis may value, over all its trials: some seconds of the slowest module. */
export const VALUATION_LIMIT = 1_000_000;

/** One question about one account; plain data, so that it can go to another thread. */
export interface AnalysisTask<K extends keyof AnalysisResults = keyof AnalysisResults> {
  readonly kind: K;
  readonly ask: AnalysisAsk[K];
  readonly moduleId: string;
  readonly moduleVersion: string;
  readonly parameters: unknown;
  readonly portfolio: AnyPortfolio;
  readonly markets: ReadonlyMap<string, AnyMarket>;
  readonly market: MarketSnapshot;
  /** The account as it is, from the same snapshot; null where that is the question. */
  readonly result: MarginResult | null;
  /** Where the account lies when it is over several chains: every margin of the analysis is margined there. */
  readonly across?: AcrossContext;
}

/** Answers an analysis, here or in another thread. @throws AnalysisTooLargeError, AnalysisBusyError */
export type RunAnalysis = <K extends keyof AnalysisResults>(
  protocol: string,
  task: AnalysisTask<K>,
) => Promise<AnalysisResults[K]>;

type Questions = {
  [K in keyof AnalysisResults]: (
    question: MarginQuestion<unknown>,
    ask: AnalysisAsk[K],
    /** The account as it is. */
    now: () => MarginResult,
  ) => AnalysisResults[K];
};

const QUESTIONS: Questions = {
  margin: marginOf,
  across: acrossOf,
  predicted: (question, ask) => predictMargin({ ...question, ...ask }),
  capacity: (question, ask, now) => capacityOf(question, ask, now()),
  'liquidation-price': (question, { betas }) => liquidationPrices(question, betas),
  'liquidation-plan': planOf,
  stress: (question, ask, now) => stressOf(question, ask, now()),
};

/** Computes the answer, purely. @throws AnalysisTooLargeError, ModuleNotFoundError */
export function analyse<K extends keyof AnalysisResults>(
  task: AnalysisTask<K>,
  valuationLimit = VALUATION_LIMIT,
): AnalysisResults[K] {
  const { kind, ask, moduleId, moduleVersion, parameters, portfolio, markets, market, result } = task;
  const own = bounded(findModule(moduleId, moduleVersion), market, valuationLimit);
  const module = task.across === undefined ? own : acrossModule(own, task.across);
  const question = { module, parameters, portfolio, markets, market };
  return QUESTIONS[kind](question, ask, () => result ?? marginOf(question));
}

function marginOf({ module, parameters, portfolio, markets, market }: MarginQuestion<unknown>): MarginResult {
  return module.calculate(portfolio, markets, market, parameters);
}

function acrossOf({ module, parameters, portfolio, markets, market }: MarginQuestion<unknown>): AcrossChains {
  const across = asAcross(module);
  if (across === null) return { result: module.calculate(portfolio, markets, market, parameters), moves: [] };
  return across.across(portfolio, markets, market, parameters);
}

/** Rows of history that one position is simulated over in the time of one valuation without history, about. */
const ROWS_PER_VALUATION = 10;

/** The module, refusing to value more than `limit` positions: every search over it ends, whatever the book. */
function bounded(
  module: RiskModule<unknown>,
  { history }: MarketSnapshot,
  limit: number,
): RiskModule<unknown> {
  const each = history === undefined ? 1 : Math.max(1, Math.ceil(history.rows.length / ROWS_PER_VALUATION));
  let valued = 0;
  const count = (portfolio: AnyPortfolio) => {
    valued += (portfolio.positions.length + 1) * each;
    if (valued > limit) throw new AnalysisTooLargeError(limit);
  };
  return {
    ...module,
    calculate(portfolio, markets, market, parameters) {
      count(portfolio);
      return module.calculate(portfolio, markets, market, parameters);
    },
    revaluer(portfolio, markets, market, parameters) {
      const revaluer = module.revaluer(portfolio, markets, market, parameters);
      if (history === undefined) return revaluer;
      return {
        assets: revaluer.assets,
        evaluate(scale, initialFactor, maintenanceFactor, out) {
          count(portfolio);
          revaluer.evaluate(scale, initialFactor, maintenanceFactor, out);
        },
      };
    },
  };
}
