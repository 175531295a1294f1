import type { AnyPortfolio } from '../../risk/portfolio/portfolio.ts';
import type { CorrelationMatrix } from '../../risk/predicted/correlation.ts';
import { VenueUnreachableError } from '../app/errors.ts';
import type { MarginPort, StoredAccount } from '../app/ports.ts';
import type { OnChains } from '../venues/on-chains.ts';
import type { AnalysisTask, RunAnalysis } from './analysis.ts';
import type { AnalysisAsk, AnalysisResults } from './analysis-results.ts';
import { marginAcross } from './margin-across.ts';
import type { MarginAsk, MarginEvaluation, MarginInputs, MarginService } from './margin-service.ts';

/** A path of a module that simulates at every step costs a thousand times as much: fewer, and the answer says so. */
const SIMULATED = { paths: 128, steps: 6 } as const;

/** The task of an analysis of these inputs. */
export function taskOf<K extends keyof AnalysisResults>(
  kind: K,
  ask: AnalysisAsk[K],
  { model, portfolio, markets, snapshot }: MarginInputs,
  result: MarginEvaluation['result'] | null,
): AnalysisTask<K> {
  const { id, version } = model.module;
  const { parameters } = model;
  return {
    kind,
    ask,
    moduleId: id,
    moduleVersion: version,
    parameters,
    portfolio,
    markets,
    market: snapshot,
    result,
  };
}

/** Evaluates a portfolio; in the thread of analyses when the module simulates. @throws ModuleNotFoundError, AnalysisBusyError, AnalysisTooLargeError */
export type Evaluate = (
  protocol: string,
  portfolio: AnyPortfolio,
  ask?: MarginAsk,
) => Promise<MarginEvaluation>;

export function evaluator(margin: MarginService, run: RunAnalysis): Evaluate {
  return async (protocol, portfolio, ask = {}) => {
    const inputs = margin.inputs(protocol, portfolio, ask);
    if (inputs.simulates) {
      const result = await run(protocol, taskOf('margin', {}, inputs, null));
      return { ...inputs, result: inputs.explained(result) };
    }
    const { model, markets, snapshot } = inputs;
    const result = model.module.calculate(portfolio, markets, snapshot, model.parameters);
    return { ...inputs, result: inputs.explained(result) };
  };
}

/** The margins of the HTTP application over stored accounts. */
export function marginPort(options: {
  readonly accounts: {
    get(
      protocol: string,
      accountId: string,
    ): Promise<StoredAccount & { readonly onChains?: OnChains | null }>;
  };
  readonly evaluate: Evaluate;
  readonly run: RunAnalysis;
  readonly correlation: () => CorrelationMatrix;
  /** Simulated paths of a prediction; the default of risk/predicted when left out. */
  readonly paths?: number;
}): MarginPort {
  const { accounts, evaluate, run, correlation, paths } = options;
  return {
    calculate: async (protocol, accountId, module) => {
      const { sequence, portfolio, onChains = null } = await accounts.get(protocol, accountId);
      const evaluation = await evaluate(protocol, portfolio, { module });
      const { basis, result } = evaluation;
      if (onChains === null) return { ...basis, accountId, sequence, result };
      const across = await marginAcross(evaluation, onChains, evaluate);
      const { states, blocks } = onChains;
      return {
        ...basis,
        accountId,
        sequence,
        result: across.result,
        across: { states, blocks, moves: across.moves },
      };
    },
    predicted: async (protocol, accountId, { horizonHours, quantile, module }) => {
      const { sequence, portfolio, onChains = null } = await accounts.get(protocol, accountId);
      const cut = onChains?.states.find((state) => state.cut !== null);
      if (cut !== undefined) throw new VenueUnreachableError(cut.chain);
      const evaluation = await evaluate(protocol, portfolio, { module });
      const ask = {
        horizonHours,
        quantile,
        correlation: correlation(),
        ...(evaluation.simulates ? SIMULATED : paths === undefined ? {} : { paths }),
      };
      const predicted = await run(protocol, taskOf('predicted', ask, evaluation, evaluation.result));
      const { basis, result } = evaluation;
      return {
        ...basis,
        accountId,
        sequence,
        result,
        predicted: { ...predicted, failures: result.failures },
      };
    },
    simulate: async (protocol, portfolio, module) => {
      const { basis, result } = await evaluate(protocol, portfolio, { module });
      return { ...basis, accountId: null, sequence: null, result };
    },
  };
}
